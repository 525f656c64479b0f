// Package qdrant keeps an index in a collection of a Qdrant server (1.16 or
// newer), spoken to over gRPC.
//
// # The collection
//
// One named vector for each space, of its dimension, compared by cosine. A
// point has one of them and is found by that one only, so that a document with
// a text and an image is two points. Its id is its UUID. Its payload has the
// document's fields at the top, so that filters read naturally, one object of
// ours, [ReservedField], with the name of its vector, the document's id, the
// chunk's place and its text, and one string of ours that says what the point
// was made from:
//
//	{"title": …, "tags": […], "_vecload_made": "…",
//	 "_vecload": {"vector": "text", "doc": …, "chunk": 0, "chunks": 1, "text": …}}
//
// Names that begin with "_vecload" are ours: documents must not have them, and
// hits do not show them. The string is, in base64 without padding, 16 bytes of
// the digest of what was embedded, 16 of what is stored beside the vector and
// 4 of the number of chunks (big endian), followed by the vector's name.
//
// Where the space of a vector says so, a sparse vector stands beside it, named
// after it with "_bm25" behind: "text" has "text_bm25". The server weighs its
// indices by how rare they are (modifier IDF). A text without a word has none.
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
// Payloads that change without their vectors are sent without waiting, since
// the server would flush its log after each point, and would stop at one that
// is gone. A request that changes nothing and waits comes after them, and then
// the points are asked for what they were made from.
//
// # One run at a time
//
// A run that writes puts a claim into the metadata, under "vecload_run_" and
// its name, and renews it; "vecload_clean" tells that the last run ended in
// good order. Nothing is left of a run that ended, and what a run left that
// died the next one takes away. See [Index.Acquire]. The API key needs the
// right to change the collection, not only its points.
//
// # Settings
//
// [Tuning] says how a collection is kept, [Bulk] when its indexing waits, and
// [Index.WaitIndexed] waits for the optimizer. [Publisher] builds collections
// beside the one that readers use.
//
// # What the server has to know
//
// Metadata needs Qdrant 1.16, which is checked. The length of the update queue
// came with 1.17; before, it counts as empty. All else that is used is
// older: filters by the presence of a named vector came with 1.13, indexes of
// tenants and of UUIDs with 1.11, batches of updates with 1.5.
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
