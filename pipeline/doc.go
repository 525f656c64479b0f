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
// The flow, in one errgroup; every arrow is an unbuffered channel, so that a
// slow stage holds back the ones before it:
//
//	Source ─▶ Chunk ─▶ batcher ──▶ InFlight × Embed ──▶ Writers × (join, Index.Write) ─▶ ledger
//
// The package does no input or output and imports nothing of ours: sources,
// embedders and indexes import it, package main composes them.
package pipeline
