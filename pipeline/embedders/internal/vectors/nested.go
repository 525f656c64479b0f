package vectors

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// Pooling says how one vector is made of the vectors of a text's tokens.
type Pooling string

// The poolings. The mean is taken over all tokens that the server answers
// with, special tokens included, for no attention mask comes with them.
const (
	NoPooling Pooling = ""
	Mean      Pooling = "mean"
	CLS       Pooling = "cls" // the first token's vector
)

// Valid reports whether p is one of the poolings.
func (p Pooling) Valid() bool { return p == NoPooling || p == Mean || p == CLS }

// Nested decodes nested JSON arrays of numbers that answer n texts. The depth
// decides what they are:
//
//	[d]            the vector of the one text, when n is 1
//	[n][d]         one vector for each text
//	[n][t][d]      one vector for each token of each text
//	[n][1][t][d]   the same, as older servers answer
//
// Vectors of tokens are pooled when p says how, and an error of class
// Misconfigured otherwise. An object is [ErrNoData]. Rows that fail alone are in
// a [*pipeline.PartialError].
func Nested(body []byte, n int, p Pooling) (pipeline.Vectors, error) {
	s := &scanner{b: body}
	switch s.peek() {
	case '[':
	case '{':
		return pipeline.Vectors{}, ErrNoData
	default:
		return pipeline.Vectors{}, notJSON(s.malformed("a list"))
	}
	t := &table{n: n}
	var err error
	switch depth := depthOf(body); {
	case depth == 1 && n == 1:
		err = t.add(len(body), s.numbers)
	case depth == 2:
		err = s.list(func() error { return t.row(s, s.numbers) })
	case (depth == 3 || depth == 4) && p != NoPooling:
		pool := pooler{scanner: s, pooling: p, wrapped: depth == 4}
		err = s.list(func() error { return t.row(s, pool.text) })
	default:
		return pipeline.Vectors{}, wrongShape(body, depth, n)
	}
	if err == nil {
		err = s.end()
	}
	if err != nil {
		if !classified(err) {
			err = notJSON(err)
		}
		return pipeline.Vectors{}, err
	}
	return t.vectors()
}

func classified(err error) bool {
	_, ok := err.(*pipeline.Error) //nolint:errorlint // Only errors made here are looked at, and not wrapped.
	return ok
}

// row adds one row, or skips one that is null.
func (t *table) row(s *scanner, read func([]float32) ([]float32, error)) error {
	if s.peek() == 'n' && s.word("null") {
		t.skip()
		return nil
	}
	return t.add(len(s.b), read)
}

// depthOf returns how deep the first number lies, or how deep the lists go
// where there is no number.
func depthOf(body []byte) int {
	depth, deepest := 0, 0
	for _, c := range body {
		switch {
		case c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == ']':
			depth--
		case c == '-' || c-'0' < 10:
			return depth
		}
	}
	return deepest
}

func wrongShape(body []byte, depth, n int) error {
	shape := shapeOf(body, depth)
	if depth == 3 || depth == 4 {
		return &pipeline.Error{
			Class: pipeline.Misconfigured,
			Err:   fmt.Errorf("the server answered with one vector for each token, shape %s for %d texts", shape, n),
			Hint:  "set pooling to mean or cls, whichever the model was trained with, or choose a model that the server pools",
		}
	}
	return &pipeline.Error{
		Class: pipeline.Fatal,
		Err:   fmt.Errorf("the server answered with numbers of shape %s for %d texts", shape, n),
		Hint:  notVectors,
	}
}

// shapeOf returns the lengths of the lists on the way to the first number, as
// "[2][7][768]".
func shapeOf(body []byte, depth int) string {
	counts := make([]int, min(max(depth, 0), 8))
	closed := make([]bool, len(counts)) // the first list of that depth has ended
	level, item := 0, false
	for _, c := range body {
		switch {
		case c == '[':
			item = true
			count(counts, closed, level, item)
			level++
			item = false
		case c == ']':
			count(counts, closed, level, item)
			if level > 0 && level <= len(closed) {
				closed[level-1] = true
			}
			level--
			item = false
		case c == ',':
			count(counts, closed, level, item)
			item = false
		case c > ' ':
			item = true
		}
	}
	var b strings.Builder
	for _, n := range counts {
		b.WriteString("[" + strconv.Itoa(n) + "]")
	}
	return b.String()
}

// count counts one element of the list at level.
func count(counts []int, closed []bool, level int, item bool) {
	if item && level > 0 && level <= len(counts) && !closed[level-1] {
		counts[level-1]++
	}
}
