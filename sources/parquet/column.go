package parquet

import (
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/vecload/vecload/pipeline"
)

const (
	// maxBatch is how many entries of a column are decoded at once.
	maxBatch = 1024
	// batchBytes is what they may take on average, so that long texts do not
	// keep many pages in memory.
	batchBytes = 2 << 20
	// allEntries is how many entries are decoded at once of all columns, where
	// many are wanted, but leastBatch of each at least.
	allEntries = 64 << 10
	leastBatch = 32
)

// column goes through the entries of one column of a row group. An entry is a
// value, or the lack of one at some level, with its two levels.
type column struct {
	name  string
	index int // among the leaves of the schema
	shape

	decode     decoder
	defs, reps []int16
	batch      int64
	pos, end   int // entries at hand
	value      int // place of the next value among those at hand
	err        error
	short      bool // an entry was asked for after the last
}

// decoder holds the values of a batch in the column's physical type.
type decoder interface {
	open(chunk file.ColumnChunkReader) bool
	// read reads at most n entries, none after the last.
	read(n int64, defs, reps []int16) (entries int64, err error)
	at(i int) (pipeline.Value, error)
}

// typed is the decoder of one physical type.
type typed[T any] struct {
	chunk   batchReader[T]
	values  []T
	held    int // valid values
	convert func(T) (pipeline.Value, error)
}

type batchReader[T any] interface {
	Err() error
	ReadBatch(n int64, values []T, defs, reps []int16) (entries int64, read int, err error)
}

func (t *typed[T]) open(chunk file.ColumnChunkReader) bool {
	var ok bool
	t.chunk, ok = chunk.(batchReader[T])
	return ok
}

func (t *typed[T]) read(n int64, defs, reps []int16) (int64, error) {
	if int64(len(t.values)) < n {
		t.values = make([]T, n)
	}
	entries, held, err := t.chunk.ReadBatch(n, t.values, defs, reps)
	t.held = held
	if entries == 0 && err == nil {
		err = t.chunk.Err() // of the page that should have followed
	}
	return entries, err
}

func (t *typed[T]) at(i int) (pipeline.Value, error) {
	if i >= t.held {
		return pipeline.Value{}, errFit
	}
	return t.convert(t.values[i])
}

var errFit = damagedError("its values do not fit its levels")

// damagedError is an error of a conversion that is about the file, not the
// row.
type damagedError string

// Error implements error.
func (e damagedError) Error() string { return string(e) }

// newColumn makes the column of a leaf. A raw one gives bytes as they are, in
// strings that need not be UTF-8.
func newColumn(node *schema.PrimitiveNode, index int, maxDef, maxRep int16, raw bool) (*column, error) {
	c := &column{name: node.Path(), index: index, shape: shape{maxDef, maxRep, leastBytes(node)}}
	switch node.PhysicalType() {
	case parquet.Types.Boolean:
		c.decode = &typed[bool]{convert: func(b bool) (pipeline.Value, error) { return pipeline.Bool(b), nil }}
	case parquet.Types.Int32:
		c.decode = &typed[int32]{convert: int32Converter(node)}
	case parquet.Types.Int64:
		c.decode = &typed[int64]{convert: int64Converter(node)}
	case parquet.Types.Int96:
		c.decode = &typed[parquet.Int96]{convert: int96Value}
	case parquet.Types.Float:
		c.decode = &typed[float32]{convert: func(f float32) (pipeline.Value, error) { return pipeline.Float(float64(f)), nil }}
	case parquet.Types.Double:
		c.decode = &typed[float64]{convert: func(f float64) (pipeline.Value, error) { return pipeline.Float(f), nil }}
	case parquet.Types.ByteArray:
		convert := bytesConverter(node, raw)
		c.decode = &typed[parquet.ByteArray]{convert: func(b parquet.ByteArray) (pipeline.Value, error) { return convert(b) }}
	case parquet.Types.FixedLenByteArray:
		convert := bytesConverter(node, raw)
		c.decode = &typed[parquet.FixedLenByteArray]{convert: func(b parquet.FixedLenByteArray) (pipeline.Value, error) { return convert(b) }}
	default:
		return nil, fmt.Errorf("column %s is of no physical type that is known", c.name)
	}
	return c, nil
}

// leastBytes returns how many bytes a value takes at least where it stands as
// it is (Encodings.md of the Parquet format, section "Plain").
func leastBytes(node *schema.PrimitiveNode) int64 {
	switch node.PhysicalType() {
	case parquet.Types.Int32, parquet.Types.Float, parquet.Types.ByteArray:
		return 4
	case parquet.Types.Int64, parquet.Types.Double:
		return 8
	case parquet.Types.Int96:
		return 12
	case parquet.Types.FixedLenByteArray:
		return max(int64(node.TypeLength()), 1)
	default:
		return 1
	}
}

// open begins a row group. perValue is about what an entry takes, in bytes, and
// columns how many are read beside each other.
func (c *column) open(chunk file.ColumnChunkReader, perValue int64, columns int) error {
	if !c.decode.open(chunk) {
		return damagedError("its type is not the schema's")
	}
	c.batch = min(max(batchBytes/max(perValue, 1), 1), maxBatch, int64(max(allEntries/max(columns, 1), leastBatch)))
	c.pos, c.end, c.value, c.err, c.short = 0, 0, 0, nil, false
	return nil
}

// fill makes sure that an entry is at hand, and reports whether there is one.
func (c *column) fill() bool {
	if c.pos < c.end {
		return true
	}
	if c.err != nil || c.short {
		return false
	}
	if c.maxDef > 0 && len(c.defs) < int(c.batch) {
		c.defs = make([]int16, maxBatch)
	}
	if c.maxRep > 0 && len(c.reps) < int(c.batch) {
		c.reps = make([]int16, maxBatch)
	}
	entries, err := c.decode.read(c.batch, c.defs, c.reps)
	c.pos, c.end, c.value, c.err = 0, int(entries), 0, err
	return c.end > 0 && err == nil
}

// def returns the definition level of the entry at hand. After the last entry
// it is 0, and check tells.
func (c *column) def() int16 {
	if !c.fill() {
		c.short = true
		return 0
	}
	if c.maxDef == 0 {
		return 0
	}
	return c.defs[c.pos]
}

// rep returns the repetition level of the entry at hand, 0 after the last.
func (c *column) rep() int16 {
	if c.maxRep == 0 || !c.fill() {
		return 0
	}
	return c.reps[c.pos]
}

// next passes over the entry at hand and returns its value, null when it has
// none.
func (c *column) next() (pipeline.Value, error) {
	def := c.def()
	if c.short {
		return pipeline.Value{}, nil
	}
	c.pos++
	if def < c.maxDef {
		return pipeline.Value{}, nil
	}
	c.value++
	v, err := c.decode.at(c.value - 1)
	if damaged, ok := errors.AsType[damagedError](err); ok {
		c.err = damaged
		return v, nil
	}
	if err != nil {
		return v, fmt.Errorf("column %s: %w", c.name, err)
	}
	return v, nil
}

// pass passes over the entry at hand.
func (c *column) pass() {
	def := c.def()
	if c.short {
		return
	}
	c.pos++
	if def == c.maxDef {
		c.value++
	}
}

// ended reports whether all entries were passed.
func (c *column) ended() bool { return !c.fill() }

// check tells what went wrong since open, between two records.
func (c *column) check() error {
	switch {
	case c.err != nil:
		return c.err
	case c.short:
		return errors.New("it has fewer rows than the row group")
	case c.rep() != 0:
		return errors.New("its repetition levels do not begin a record where one begins")
	}
	return nil
}
