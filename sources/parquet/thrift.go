package parquet

import (
	"bufio"
	"errors"
	"io"
)

// The kinds of values of Thrift's compact protocol (thrift-compact-protocol.md
// of Apache Thrift, section "Struct Encoding").
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

// maxThriftDepth bounds the nesting of a header. That of a file has nine
// levels, that of a page three.
const maxThriftDepth = 16

var errHeader = errors.New("its header is malformed")

// thrift reads the header of a page, or the footer of a file. What it does not know it passes over, so
// that statistics, which may hold a whole text, take no memory.
type thrift struct{ r *bufio.Reader }

// structure reads a struct and calls field with the number and the kind of
// each of its fields, which reads its value.
func (t thrift) structure(field func(id int64, kind byte) error) error {
	for last := int64(0); ; {
		head, err := t.r.ReadByte()
		if err != nil {
			return err
		}
		kind := head & 0x0f
		if kind == 0 {
			return nil
		}
		if delta := head >> 4; delta != 0 {
			last += int64(delta)
		} else if last, err = t.integer(); err != nil {
			return err
		}
		if err := field(last, kind); err != nil {
			return err
		}
	}
}

// unsigned reads a variable-length integer (ULEB128).
func (t thrift) unsigned() (uint64, error) {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		c, err := t.r.ReadByte()
		if err != nil {
			return 0, err
		}
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v, nil
		}
	}
	return 0, errHeader
}

// integer reads an integer of 16, 32 or 64 bits.
func (t thrift) integer() (int64, error) {
	v, err := t.unsigned()
	return int64(v>>1) ^ -int64(v&1), err
}

// skip passes over a value.
func (t thrift) skip(kind byte, depth int) error {
	if depth > maxThriftDepth {
		return errHeader
	}
	switch kind {
	case thriftTrue, thriftFalse: // a field's kind is its value
		return nil
	case thriftByte:
		return t.discard(1)
	case thriftDouble:
		return t.discard(8)
	case thriftBinary:
		size, err := t.unsigned()
		if err != nil {
			return err
		}
		return t.discard(size)
	case thriftStruct:
		return t.structure(func(_ int64, kind byte) error { return t.skip(kind, depth+1) })
	case thriftList, thriftSet:
		return t.skipList(depth)
	case thriftMap:
		return errHeader // no header of a page has one
	}
	_, err := t.unsigned()
	return err
}

func (t thrift) skipList(depth int) error {
	size, kind, err := t.list()
	if err != nil {
		return err
	}
	if kind == thriftTrue || kind == thriftFalse {
		return t.discard(size) // in a list they are bytes
	}
	for ; size > 0; size-- {
		if err := t.skip(kind, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// list reads how many elements a list has, and of which kind. Each takes a
// byte at least.
func (t thrift) list() (size uint64, kind byte, err error) {
	head, err := t.r.ReadByte()
	if err != nil {
		return 0, 0, err
	}
	size = uint64(head >> 4)
	if size == 15 {
		size, err = t.unsigned()
	}
	return size, head & 0x0f, err
}

func (t thrift) discard(n uint64) error {
	const most = 1 << 31
	if n > most {
		return io.ErrUnexpectedEOF
	}
	_, err := t.r.Discard(int(n))
	return err
}
