// Package qdrant keeps an index in a collection of a Qdrant server (1.16 or
// newer), spoken to over gRPC.
//
// # The collection
//
// One named vector for each space, of its dimension, compared by cosine. A
// point has one of them and is found by that one only, so that a document with
// a text and an image is two points. Its id is its UUID. Its payload has the
// document's fields at the top, so that filters read naturally, and one
// object of ours, [ReservedField], with the name of its vector, the document's
// id, the chunk's place and its text:
//
//	{"title": …, "tags": […], "_vecload": {"vector": "text", "doc": …, "chunk": 0, "chunks": 1, "text": …}}
//
// Other vectors that somebody added to the collection, dense or sparse, are
// left alone.
//
// The spaces stand in the collection's metadata, under "vecload". Metadata
// came with Qdrant 1.16, and older servers drop it without a word: they are
// refused, since a collection without its stamp could take the vectors of
// another model.
//
// The name of an alias is accepted wherever that of a collection is. It is
// resolved once, in [Index.Prepare], so that a run writes into one collection
// although the alias may move.
//
// # Confirmed writes
//
// Every request waits until the server has flushed its log and applied the
// points (wait=true). Only the status Completed is taken for a yes: any other
// is sent again, which is safe, since a point replaces the one of its id.
//
// # Oddities of the service
//
//   - Qdrant makes vectors of length 1 when it compares by cosine, and keeps
//     no order of payload fields.
//   - A rate limit is ResourceExhausted with a trailer retry-after, in
//     seconds; the same code without it means that the request can never
//     pass, or that memory or disk are used up.
//   - Port 6333 speaks HTTP, port 6334 gRPC.
package qdrant
