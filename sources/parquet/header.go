package parquet

import (
	"bufio"
	"errors"
	"io"
	"math"
)

// The kinds of pages (parquet.thrift, enum PageType).
const (
	dataPage       = 0
	dictionaryPage = 2
	dataPageV2     = 3
)

// header is the header of a page (parquet.thrift, struct PageHeader).
type header struct {
	kind         int64
	uncompressed int64
	compressed   int64
	crc          *uint32 // of the page as it is in the file

	// Of the kind's own header:
	values           int64
	nulls, rows      int64
	encoding         int64
	defsAs, repsAs   int64 // encodings of the levels, in version 1
	defsSize         int64 // bytes of the levels, in version 2
	repsSize         int64
	plain            bool // not compressed, in version 2
	hasKind, hasSize bool
}

// readHeader reads the header of the next page. It returns io.EOF where
// nothing follows.
func readHeader(r *bufio.Reader) (header, error) {
	h := header{}
	if _, err := r.Peek(1); err != nil {
		return h, err
	}
	t := thrift{r}
	numbers := map[int64]*int64{1: &h.kind, 2: &h.uncompressed, 3: &h.compressed}
	err := t.structure(func(id int64, kind byte) error {
		switch {
		case numbers[id] != nil && isInteger(kind):
			n, err := t.integer()
			*numbers[id] = n
			h.hasKind = h.hasKind || id == 1
			h.hasSize = h.hasSize || id == 3
			return err
		case id == 4 && isInteger(kind):
			n, err := t.integer()
			crc := uint32(n) //nolint:gosec // the 32 bits of an i32
			h.crc = &crc
			return err
		case id == 5 && kind == thriftStruct:
			return h.fields(t, map[int64]*int64{1: &h.values, 2: &h.encoding, 3: &h.defsAs, 4: &h.repsAs})
		case id == 7 && kind == thriftStruct:
			return h.fields(t, map[int64]*int64{1: &h.values, 2: &h.encoding})
		case id == 8 && kind == thriftStruct:
			return h.fields(t, map[int64]*int64{
				1: &h.values, 2: &h.nulls, 3: &h.rows, 4: &h.encoding, 5: &h.defsSize, 6: &h.repsSize,
			})
		}
		return t.skip(kind, 1)
	})
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return h, damagedError("its header ends early")
	case err != nil:
		return h, err
	}
	err = h.check()
	return h, err
}

// fields reads the header of a kind of page.
func (h *header) fields(t thrift, numbers map[int64]*int64) error {
	return t.structure(func(id int64, kind byte) error {
		if into := numbers[id]; into != nil && isInteger(kind) {
			n, err := t.integer()
			*into = n
			return err
		}
		if id == 7 && kind == thriftFalse {
			h.plain = true // is_compressed of version 2, true when absent
		}
		return t.skip(kind, 2)
	})
}

// isInteger reports whether a kind is an integer of 16, 32 or 64 bits.
func isInteger(kind byte) bool { return kind >= 4 && kind <= 6 }

// check refuses numbers that no page has.
func (h *header) check() error {
	if !h.hasKind || !h.hasSize {
		return errHeader
	}
	for _, n := range []int64{h.uncompressed, h.compressed, h.values, h.nulls, h.rows, h.defsSize, h.repsSize} {
		if n < 0 || n > math.MaxInt32 {
			return damagedError("its header has a size that no page has")
		}
	}
	if levels := h.defsSize + h.repsSize; h.kind == dataPageV2 && (levels > h.compressed || levels > h.uncompressed) {
		return damagedError("its levels are larger than the page")
	}
	return nil
}
