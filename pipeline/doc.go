// Package pipeline holds the words of vecload and the engine that moves them.
//
// The words, one sense each:
//
//	document   one record of a source
//	chunk      a piece of a document's text
//	batch      chunks that are sent in one request
//	vector     what an embedder makes of one chunk
//	point      a vector and its payload, as it is stored
//	space      what makes vectors comparable
//	index      where points are kept and searched
//	reject     a document that will never succeed, with its reason
//
// The flow, in one errgroup. A slow stage holds back the ones before it: the
// queue of batches holds as many as the limits say, and the arrow behind the
// embedders is an unbuffered channel:
//
//	Source ─▶ Chunk ─▶ queue ──▶ InFlight × Embed ──▶ Writers × (join, Index.Write) ─▶ ledger
//
// The package does no input or output and imports nothing of ours: sources,
// embedders and indexes import it, package main composes them.
package pipeline
