package parquet

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/vecload/vecload/sources"
)

// maxLevels bounds how deep groups of a schema lie in each other: the library
// goes down by recursion.
const maxLevels = 1000

var (
	errFooter = errors.New("the footer is malformed")
	errLevels = fmt.Errorf("its columns lie in more than %d groups", maxLevels)
)

// checkFooter goes through the footer before the library does, which makes as
// much memory as a list or a group says that it has members: a file of a
// hundred bytes could end the program, beyond what a panic's recovery catches.
func checkFooter(f *sources.File) error {
	var tail [8]byte
	if _, err := f.ReadAt(tail[:], f.Size()-8); err != nil {
		return f.Corrupt("footer", err)
	}
	size := int64(binary.LittleEndian.Uint32(tail[:]))
	if size > f.Size()-12 {
		return f.Corrupt("footer", errors.New("its length is more than the file has"))
	}
	t := thrift{bufio.NewReaderSize(io.NewSectionReader(f, f.Size()-8-size, size), pageBuffer)}
	var children []int64
	err := t.structure(func(id int64, kind byte) error {
		if id != 2 || kind != thriftList {
			return t.skip(kind, 1)
		}
		var err error
		children, err = t.schema()
		return err
	})
	if err == nil {
		err = nested(children)
	}
	switch {
	case err == nil && len(children) == 1:
		return f.Unsuited(errors.New("the file has no columns"), "write the file with the columns that are wanted")
	case err == nil:
		return nil
	case errors.Is(err, errLevels):
		return f.Unsuited(err, "write the file with another schema, or as JSONL")
	case errors.Is(err, sources.ErrShorter):
		return f.Corrupt("footer", err)
	}
	return f.Corrupt("footer", errFooter)
}

// schema reads the list of the schema's elements (parquet.thrift, struct
// SchemaElement) and returns how many children each has.
func (t thrift) schema() ([]int64, error) {
	size, kind, err := t.list()
	if err != nil || kind != thriftStruct {
		return nil, errors.Join(err, errFooter)
	}
	var children []int64
	for ; size > 0; size-- {
		n := int64(0)
		err := t.structure(func(id int64, kind byte) (err error) {
			if id == 5 && isInteger(kind) {
				n, err = t.integer()
				return err
			}
			return t.skip(kind, 2)
		})
		if err != nil {
			return nil, err
		}
		children = append(children, n)
	}
	return children, nil
}

// nested checks that the elements are a tree, the root first and every group
// before its children.
func nested(children []int64) error {
	var open []int64 // how many are to come of each group around
	for i, n := range children {
		if n < 0 || n > int64(len(children)-i-1) {
			return errFooter
		}
		if i > 0 {
			if len(open) == 0 {
				return errFooter
			}
			open[len(open)-1]--
		}
		if open = append(open, n); len(open) > maxLevels {
			return errLevels
		}
		for len(open) > 0 && open[len(open)-1] == 0 {
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 || len(children) == 0 {
		return errFooter
	}
	return nil
}
