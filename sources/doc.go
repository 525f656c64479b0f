// Package sources turns files into documents.
//
// A [Corpus] reads files one after the other. What a file's records look like
// is the business of a [Format] (packages jsonl and parquet); what becomes of
// a record is the business of a [Mapping]. Between them stand two values:
//
//	Mapping ──Compile──▶ Mapper ──Want──▶ Format ──Record──▶ Mapper ──▶ Document
//
// [Want] is the tree of the fields that the mapping needs, so that a format
// reads, checks and copies nothing else, and a [Record] has their values in
// numbered places, so that no map is built for a record. Both are the same for
// every format, and formats do not know each other.
//
// Formats are given to [NewCorpus] by the program; nothing registers itself.
package sources
