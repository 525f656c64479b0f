// Package bm25 makes sparse vectors of texts whose scores are those of BM25:
// the words of a text, weighed. It is the half of a hybrid search that finds
// names, versions and error codes that a dense vector blurs.
//
// The vector of a document holds for each of its terms
//
//	tf·(k1+1) / (tf + k1·(1 − b + b·length/avgLen))
//
// and that of a query how often each of its terms is in it. The index brings
// in how rare a term is (Qdrant's modifier IDF, or [pipeline.IDF]), so that
// nothing has to be counted over all documents first.
//
// Words, stems, stop words and the indices of terms are those of FastEmbed's
// and Qdrant's own model Qdrant/bm25, with more terms for identifiers and for
// scripts without spaces: docs/hybrid.md tells exactly which. The package is
// pure: text in, vector out.
package bm25
