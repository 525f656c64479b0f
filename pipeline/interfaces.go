package pipeline

import (
	"context"
	"errors"
	"iter"
)

// ErrNoIndex is what the error of an index wraps that does not exist yet.
var ErrNoIndex = errors.New("there is no index")

// Source yields the documents of a corpus.
type Source interface {
	// Documents yields every document once, in an order that is the same at
	// each call over the same corpus. The sequence opens what it needs, and
	// closes it when it ends or the consumer leaves the loop.
	//
	// An error of class Rejected concerns one record: the document beside it
	// has its Origin and whatever else is known, and the sequence goes on.
	// Any other error is the last element. A sequence whose context is done
	// ends soon with the context's error.
	Documents(ctx context.Context) iter.Seq2[Document, error]
}

// Embedder makes vectors of texts, or of images: then a text is the bytes of
// an image file. Embedders are stacked: a wrapper holds an
// Embedder and is one.
type Embedder interface {
	// Embed returns one vector for each text, in the order of texts: n texts
	// give n × dim numbers, all finite. texts is never empty, holds no empty
	// text and is not kept. It is called from several goroutines at once.
	//
	// With an error there are no vectors, except with a *[PartialError].
	// A call that is cut short by its context returns the context's error.
	Embed(ctx context.Context, texts []string) (Vectors, error)
}

// Index keeps points of one space, or of several, one for each named vector.
// Every point has one vector.
type Index interface {
	// Prepare makes the index ready for points of the spaces: creates it when
	// it is missing, stamps it with the spaces, and refuses one that holds
	// other spaces or has another layout, with class Misconfigured and a hint
	// that names the choices. Called once, before any Write; it may be
	// called again in a later run with the same result.
	Prepare(ctx context.Context, spaces Spaces) error
	// Write stores points and returns once they are durable. A point whose
	// id is there already is replaced as a whole. Within one call ids are
	// distinct and there is at least one point. It is called from several
	// goroutines at once. After an error any part of the points may have been
	// written. Points are not kept after the call returns.
	Write(ctx context.Context, points []Point) error
}

// Searcher finds the points of an index that are nearest to a vector.
type Searcher interface {
	// Spaces returns the spaces that the index is stamped with. An index that
	// does not exist or has no stamp is an error of class Misconfigured; the
	// former wraps [ErrNoIndex].
	Spaces(ctx context.Context) (Spaces, error)
	// Search returns the best hits by cosine among the points that have a
	// vector of this name, best first, at most limit. A name that the index
	// does not have is an error of class Misconfigured. Hits
	// of equal score come in the order of their point ids. An index that
	// searches approximately, and so may miss some of the best, says so in its
	// documentation.
	Search(ctx context.Context, name string, query Vector, limit int) ([]Hit, error)
	// Count returns the exact number of points, of all names.
	Count(ctx context.Context) (int64, error)
}

// SparseSearcher finds the points of an index whose sparse vectors share most
// with a query.
type SparseSearcher interface {
	// SearchSparse returns the best hits by [Sparse.Score] with [IDF] among the
	// points that have a vector of this name and share an index with the
	// query, best first, at most limit. For the IDF, points are those of the
	// name whose sparse vector is not empty, as of the time of the search;
	// points that were deleted or replaced may count until the index has
	// cleaned up, which it documents. Hits of equal score come in the order of
	// their point ids. The query is valid; an empty one finds nothing. A name
	// that the index does not have, or has without sparse vectors
	// ([Space].Sparse), is an error of class Misconfigured.
	SearchSparse(ctx context.Context, name string, query Sparse, limit int) ([]Hit, error)
}

// TokenCounter returns the number of tokens of a text, by a model's own
// tokenizer or as an estimate. It is called from several goroutines at once.
type TokenCounter func(text string) int

// EstimateTokens is the counter for models whose tokenizer is not at hand:
// four bytes a token, one token for each character of three bytes or more
// (Chinese, Japanese, Korean, …), and one more. Against the vocabulary of
// BERT it is 0.5 % low over the documentation of Go (half of the texts are
// within 16 %), 3 % low on Chinese and right on Japanese, and a third to a
// half low on Korean and Cyrillic, which models for many languages cut into
// larger pieces than that vocabulary does.
func EstimateTokens(text string) int {
	wide := 0
	for i := range len(text) {
		if text[i] >= 0xE0 { // begins a character of three or four bytes
			wide++
		}
	}
	return (len(text)+wide)/4 + 1
}
