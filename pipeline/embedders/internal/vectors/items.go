package vectors

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/vecload/vecload/pipeline"
)

// ErrNoData reports an answer without the list of vectors, such as an error
// object under a status of success.
var ErrNoData = errors.New("the answer holds no list of vectors")

// Items decodes an answer of the form that OpenAI's /v1/embeddings gives,
// {"data":[{"index":0,"embedding":…}]}, for n texts. An embedding is a list of
// numbers or a string of base64. Rows are placed by index; an answer without
// any index is in the order of the texts. An index that is missing for some,
// doubled or beyond n is an error of class Fatal. Other fields are ignored.
// Rows that fail alone are in a [*pipeline.PartialError].
func Items(body []byte, n int) (pipeline.Vectors, error) {
	s := &scanner{b: body}
	items := &items{table: table{n: n}, scanner: s}
	found := false
	err := s.object(func(name []byte) error {
		if string(name) != "data" || s.peek() != '[' {
			return s.skip(0)
		}
		if found {
			return fatal(`the server answered with two lists "data"`)
		}
		found = true
		return s.list(items.item)
	})
	if err == nil {
		err = s.end()
	}
	switch {
	case err != nil && !classified(err):
		return pipeline.Vectors{}, notJSON(err)
	case err != nil:
		return pipeline.Vectors{}, err
	case !found:
		return pipeline.Vectors{}, ErrNoData
	}
	if err := items.place(); err != nil {
		return pipeline.Vectors{}, err
	}
	return items.vectors()
}

type items struct {
	table
	*scanner
	indices []int // as the server numbers the rows; -1 where it does not
}

// item reads one element of "data".
func (t *items) item() error {
	index, rows := -1, t.rows
	err := t.object(func(name []byte) error {
		switch string(name) {
		case "index":
			return t.index(&index)
		case "embedding":
			if t.rows > rows {
				return fatal("the server answered with two embeddings in one element")
			}
			return t.embedding()
		}
		return t.scanner.skip(0)
	})
	if err != nil {
		return err
	}
	if t.rows == rows {
		t.table.skip()
	}
	t.indices = append(t.indices, index)
	return nil
}

func (t *items) index(index *int) error {
	if t.word("null") {
		return nil
	}
	start := t.i
	if err := t.scanner.skip(0); err != nil {
		return err
	}
	i, err := strconv.Atoi(string(t.b[start:t.i]))
	if err != nil || i < 0 || i >= t.n {
		return fatal("the server answered with an index that is none of %d texts", t.n)
	}
	*index = i
	return nil
}

func (t *items) embedding() error {
	switch t.peek() {
	case '"':
		return t.add(len(t.b), t.base64)
	case '[':
		if depthOf(t.b[t.i:min(t.i+64, len(t.b))]) > 1 {
			return manyVectors()
		}
	}
	return t.row(t.scanner, t.numbers)
}

func manyVectors() error {
	return &pipeline.Error{
		Class: pipeline.Misconfigured,
		Err:   errors.New("the server answered with one vector for each token of a text"),
		Hint:  "the model or the server's pooling gives many vectors for a text; choose a model or a pooling that gives one",
	}
}

// base64 reads a string of base64. As long as it is nothing else, its end is
// the next quote, and whoever decodes it is the only one who looks at each
// character.
func (s *scanner) base64(dst []float32) ([]float32, error) {
	rest := s.b[s.i+1:]
	if end := bytes.IndexByte(rest, '"'); end >= 0 {
		if out, err := Base64(dst, rest[:end]); err == nil {
			s.i += 1 + end + 1
			return out, nil
		}
	}
	raw, plain, err := s.text()
	if err != nil {
		return dst, err
	}
	content := raw[1 : len(raw)-1]
	if !plain {
		if content, err = unquote(raw); err != nil {
			return dst, err
		}
	}
	return Base64(dst, content)
}

// place puts the rows in the order of their indices.
func (t *items) place() error {
	numbered, ordered := 0, true
	for i, index := range t.indices {
		if index >= 0 {
			numbered++
		}
		ordered = ordered && index == i
	}
	if len(t.indices) != t.n {
		return wrongCount(len(t.indices), t.n)
	}
	if numbered == 0 || ordered {
		return nil
	}
	if numbered < t.n {
		return fatal("the server answered with an index for some vectors and none for others")
	}
	return t.permute()
}

func (t *items) permute() error {
	missing := make([]bool, t.n)
	for _, i := range t.missing {
		missing[i] = true
	}
	source := make([]int, t.n) // by index, the start of its row plus 1, or -1 when it is missing
	next := 0
	for i, index := range t.indices {
		if source[index] != 0 {
			return fatal("the server answered with index %d twice", index)
		}
		if missing[i] {
			source[index] = -1
			continue
		}
		source[index] = next + 1
		next += t.dim
	}
	data := make([]float32, 0, len(t.data))
	t.missing = t.missing[:0]
	for index, start := range source {
		if start < 0 {
			t.missing = append(t.missing, index)
			continue
		}
		data = append(data, t.data[start-1:start-1+t.dim]...)
	}
	t.data = data
	return nil
}
