package vectors

import "github.com/vecload/vecload/pipeline"

// Under decodes an answer whose vectors are a list in the field that fields
// lead to, one name for each level of objects, in the order of n inputs:
//
//	{"embeddings":[[…],[…]]}                Under(body, n, "embeddings")
//	{"embeddings":{"float":[[…],[…]]}}      Under(body, n, "embeddings", "float")
//
// A vector is a list of numbers, a string of base64, or null. An answer
// without the list is [ErrNoData]. Rows that fail alone are in a
// [*pipeline.PartialError].
func Under(body []byte, n int, fields ...string) (pipeline.Vectors, error) {
	t := &table{n: n}
	return t.listed(body, fields, t.vector)
}

// Each decodes an answer in which every input has an object of its own:
//
//	{"items":[{"dense":{"values":[…]}},…]}  Each(body, n, "items", "dense", "values")
//
// The objects are in the order of n inputs. Otherwise it is as Under.
func Each(body []byte, n int, list string, fields ...string) (pipeline.Vectors, error) {
	t := &table{n: n}
	return t.listed(body, []string{list}, func(s *scanner) error {
		before := t.rows
		err := s.under(fields, func() error {
			if t.rows > before {
				return fatal("the server answered with two vectors in one element")
			}
			return t.vector(s)
		})
		if err == nil && t.rows == before {
			t.skip()
		}
		return err
	})
}

// listed reads the one list that fields lead to, an element a call of read.
func (t *table) listed(body []byte, fields []string, read func(*scanner) error) (pipeline.Vectors, error) {
	s := &scanner{b: body}
	found := false
	err := s.under(fields, func() error {
		if s.peek() != '[' {
			return s.skip(0)
		}
		if found {
			return fatal("the server answered with two lists %q", fields[len(fields)-1])
		}
		found = true
		return s.list(func() error { return read(s) })
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
	return t.vectors()
}

// under calls found at the value that fields lead to, and skips all else.
func (s *scanner) under(fields []string, found func() error) error {
	switch {
	case len(fields) == 0:
		return found()
	case s.peek() != '{':
		return s.skip(0)
	}
	return s.object(func(name []byte) error {
		if string(name) != fields[0] {
			return s.skip(0)
		}
		return s.under(fields[1:], found)
	})
}

// vector adds the row that stands next.
func (t *table) vector(s *scanner) error {
	switch s.peek() {
	case '"':
		return t.add(len(s.b), s.base64)
	case '[':
		if depthOf(s.b[s.i:min(s.i+64, len(s.b))]) > 1 {
			return manyVectors()
		}
	}
	return t.row(s, s.numbers)
}
