package parquet

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/vecload/vecload/pipeline"
)

// column goes through the entries of one column of a row group. An entry is a
// value, or the lack of one at some level, with its two levels.
type column struct {
	name  string
	index int // among the leaves of the schema
	node  *schema.PrimitiveNode
	shape
	convert func(b []byte, into *pipeline.Value) error // nil: texts
	raw     bool                                       // texts need not be UTF-8

	of        *reader
	buffered  *bufio.Reader
	pages     *pages
	following *pages // of the next row group; nil: not opened
	task      task
	coming    *pages    // whose next page is read ahead; nil: none is
	turned    time.Time // to the page at hand
	waits     bool      // reading it took long enough to be done ahead
	library   *library  // nil until a page needs it
	page      *page
	left      int64 // entries of the page that were not at hand
	held      bool  // an entry is at hand
	defined   int16 // levels of the entry at hand
	repeated  int16
	err       error
	short     bool // an entry was asked for after the last
}

// kind is how values stand in a page.
type kind struct {
	size int  // of each, in bytes; 0: each stands behind its own
	bool bool // as bits
	text bool // becomes a string as it is
}

// plain are values in the encoding PLAIN, of which texts are copied so many
// bytes at once.
func (k kind) plain(data []byte, block int) values {
	switch {
	case k.bool:
		return &booleans{data: data}
	case k.size > 0:
		return &fixed{rest: data, size: k.size}
	}
	return &prefixed{data: data, block: block}
}

// newColumn makes the column of a leaf. A raw one gives bytes as they are, in
// strings that need not be UTF-8.
func newColumn(node *schema.PrimitiveNode, index int, maxDef, maxRep int16, raw bool) (*column, error) {
	c := &column{name: node.Path(), index: index, node: node, shape: shape{maxDef: maxDef, maxRep: maxRep}, raw: raw}
	switch node.PhysicalType() {
	case parquet.Types.Boolean:
		c.kind = kind{size: 1, bool: true}
		c.convert = func(b []byte, into *pipeline.Value) error {
			*into = pipeline.Bool(b[0] == 1)
			return nil
		}
	case parquet.Types.Int32:
		c.kind = kind{size: 4}
		c.convert = converter(int32Converter(node), func(b []byte) int32 { return int32(binary.LittleEndian.Uint32(b)) }) //nolint:gosec // its bits
	case parquet.Types.Int64:
		c.kind = kind{size: 8}
		c.convert = converter(int64Converter(node), func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) }) //nolint:gosec // its bits
	case parquet.Types.Int96:
		c.kind = kind{size: 12}
		c.convert = converter(int96Value, func(b []byte) [12]byte { return [12]byte(b) })
	case parquet.Types.Float:
		c.kind = kind{size: 4}
		c.convert = func(b []byte, into *pipeline.Value) error {
			*into = pipeline.Float(float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
			return nil
		}
	case parquet.Types.Double:
		c.kind = kind{size: 8}
		c.convert = func(b []byte, into *pipeline.Value) error {
			*into = pipeline.Float(math.Float64frombits(binary.LittleEndian.Uint64(b)))
			return nil
		}
	case parquet.Types.ByteArray, parquet.Types.FixedLenByteArray:
		if node.PhysicalType() == parquet.Types.FixedLenByteArray {
			c.kind.size = node.TypeLength()
		}
		if c.kind.text = raw || isText(node); !c.kind.text {
			c.convert = converter(bytesConverter(node), func(b []byte) []byte { return b })
		}
	default:
		return nil, fmt.Errorf("column %s is of no physical type that is known", c.name)
	}
	return c, nil
}

// converter reads a value from its bytes and converts it.
func converter[T any](convert func(T) (pipeline.Value, error), read func([]byte) T) func(b []byte, into *pipeline.Value) error {
	return func(b []byte, into *pipeline.Value) (err error) {
		*into, err = convert(read(b))
		return err
	}
}

// begin begins to read the first row group ahead.
func (c *column) begin(of *reader) {
	c.of, c.pages, c.waits = of, &pages{}, true
	c.readAhead(nil)
}

// open begins the pages of a row group.
func (c *column) open(pages *pages) {
	c.pages, c.following, c.library = pages, nil, nil
	c.left, c.held, c.err, c.short = 0, false, nil, false
	if c.coming == nil {
		c.readAhead(nil)
	}
}

// fill makes sure that an entry is at hand, and reports whether there is one.
func (c *column) fill() bool {
	if c.held {
		return true
	}
	if c.left == 0 && !c.turn() {
		return false
	}
	c.left--
	c.held = true
	if c.maxDef > 0 {
		c.defined = int16(c.page.defs.next()) //nolint:gosec // of at most 8 bits
	}
	if c.maxRep > 0 {
		c.repeated = int16(c.page.reps.next()) //nolint:gosec // of at most 8 bits
	}
	return true
}

// turn goes to the next page, and reports whether there is one.
func (c *column) turn() bool {
	if c.err != nil || c.short {
		return false
	}
	var next *page
	var buffer []byte
	var err error
	if c.page != nil {
		buffer = c.page.buffer // nothing points into it
	}
	began := time.Now()
	var took time.Duration
	if c.coming == c.pages {
		next, err = c.of.ahead.wait(&c.task, &c.of.fetch)
		c.coming, took = nil, c.task.took
	} else {
		next, err = c.pages.next(&c.of.fetch, buffer, 0)
		buffer, took = nil, time.Since(began)
	}
	if errors.Is(err, io.EOF) {
		return false
	}
	if err == nil && next.rest != nil {
		if c.library == nil {
			c.library = newLibrary(c.node)
		}
		next.values, err = c.library.read(next.rest)
	}
	if err != nil {
		c.err = err
		return false
	}
	c.page, c.left = next, next.entries
	c.waits = c.turned.IsZero() || c.of.ahead.worth(took, began.Sub(c.turned))
	c.turned = began
	c.readAhead(buffer)
	return true
}

// readAhead has the next page read, into a buffer if that is large enough: of
// the row group, or of the next one behind its last.
func (c *column) readAhead(buffer []byte) {
	from, size := c.pages, min(c.pages.size, aheadFirst)
	switch {
	case c.of.ahead.readers == 0 || c.coming != nil || !c.waits:
		return
	case c.pages.values <= 0:
		if from = c.of.follow(c); from == nil {
			return
		}
		size = min(from.size, aheadFirst)
	case c.pages.n > 0:
		size = c.page.size
	}
	if c.of.ahead.start(&c.task, from, buffer, size) {
		c.coming = from
	}
}

// def returns the definition level of the entry at hand. After the last entry
// it is 0, and check tells.
func (c *column) def() int16 {
	if !c.fill() {
		c.short = true
		return 0
	}
	return c.defined
}

// rep returns the repetition level of the entry at hand, 0 after the last.
func (c *column) rep() int16 {
	if c.maxRep == 0 || !c.fill() {
		return 0
	}
	return c.repeated
}

// next passes over the entry at hand and puts its value where null is, which
// stays when it has none.
func (c *column) next(into *pipeline.Value) error {
	def := c.def()
	if c.short {
		return nil
	}
	c.held = false
	if def < c.maxDef {
		return nil
	}
	if c.convert == nil {
		return c.text(into)
	}
	b, err := c.page.values.bytes()
	if err == nil {
		err = c.convert(b, into)
	}
	if err != nil {
		return c.rowError(err)
	}
	return nil
}

// text is next for a value that is a string.
func (c *column) text(into *pipeline.Value) error {
	s, valid, err := c.page.values.text()
	if err == nil && !valid && !c.raw {
		err = errNotUTF8
	}
	if err != nil {
		return c.rowError(err)
	}
	*into = pipeline.String(s)
	return nil
}

// rowError keeps an error of a value that is about the file, and returns one
// that is about the row.
func (c *column) rowError(err error) error {
	if damaged, ok := errors.AsType[damagedError](err); ok {
		c.err = damaged
		return nil
	}
	return fmt.Errorf("column %s: %w", c.name, err)
}

// pass passes over the entry at hand.
func (c *column) pass() {
	def := c.def()
	if c.short {
		return
	}
	c.held = false
	if def == c.maxDef {
		if _, err := c.page.values.bytes(); err != nil {
			c.err = err
		}
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
	return c.err
}
