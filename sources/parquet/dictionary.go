package parquet

import (
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/parquet"
)

var errDictionary = damagedError("a dictionary is smaller than the number of its values")

// dictionary holds the values that the pages of a column chunk point to.
type dictionary struct {
	size   int64    // values in it
	data   []byte   // of values that are no texts
	all    string   // the same, of texts, which are parts of it
	valid  bool     // all texts are UTF-8
	places []uint32 // where each value begins and the last ends, with the next one's length between; nil: all have the size width
	width  int
}

// newDictionary reads a page of values that are as they are. Texts of it are
// copied once, however often they are used.
func newDictionary(data []byte, size int64, k kind) (*dictionary, error) {
	d := &dictionary{size: size, data: data, width: k.size}
	switch {
	case k.bool: // has two values, and writers make no dictionary of them
		return nil, damagedError("it has a dictionary of booleans")
	case k.size > 0:
		if size > int64(len(data)/k.size) {
			return nil, errDictionary
		}
		return d, nil
	case size > int64(len(data)/4):
		return nil, errDictionary
	}
	d.places = make([]uint32, 0, size+1)
	end := 0
	d.valid = true
	for range size {
		from, to, ok := valueAt(data, end)
		if !ok {
			return nil, errDictionary
		}
		d.valid = d.valid && (!k.text || utf8.Valid(data[from:to]))
		d.places, end = append(d.places, uint32(from)), to //nolint:gosec // a page is bounded
	}
	d.places = append(d.places, uint32(end)+4) //nolint:gosec // a page is bounded
	if k.text {
		d.all, d.data = string(data[:end]), nil
	}
	return d, nil
}

// isIndexed reports whether a page holds indexes into a dictionary.
func isIndexed(encoding parquet.Encoding) bool {
	return encoding == parquet.Encodings.PlainDict || encoding == parquet.Encodings.RLEDict
}

// indexes are the values of a page that point into a dictionary.
type indexes struct {
	of *dictionary
	at runs
}

func newIndexes(of *dictionary, data []byte) (*indexes, error) {
	switch {
	case of == nil:
		return nil, damagedError("its dictionary is missing")
	case len(data) == 0:
		return &indexes{of: &dictionary{}}, nil // of nulls only
	}
	return &indexes{of: of, at: runs{data: data[1:], width: uint64(data[0])}}, nil
}

// next returns the number of the next value, and where it begins and ends.
func (x *indexes) next() (from, to int, err error) {
	i := int64(x.at.next())
	switch {
	case i >= x.of.size:
		return 0, 0, errIndex
	case x.of.places == nil:
		from = int(i) * x.of.width
		return from, from + x.of.width, nil
	}
	return int(x.of.places[i]), int(x.of.places[i+1]) - 4, nil
}

func (x *indexes) bytes() ([]byte, error) {
	from, to, err := x.next()
	return x.of.data[from:to:to], err
}

func (x *indexes) text() (string, bool, error) {
	from, to, err := x.next()
	if err != nil || x.of.places == nil {
		return textOf(x.of.data[from:to], err)
	}
	text := x.of.all[from:to]
	return text, x.of.valid || utf8.ValidString(text), nil
}
