// Package parquet reads Apache Parquet files: only the columns that are
// wanted, one page of each at a time.
//
// Records are put together from the columns' values and their repetition and
// definition levels here, by the rules of the format's LogicalTypes.md and the
// Dremel paper, and not by way of Arrow arrays, so that a list, a struct or a
// legacy layout costs and means the same wherever it stands.
//
// Values become JSON-like values without loss:
//
//	BOOLEAN                    boolean
//	integers, signed or not    integer; above int64 a string of digits
//	FLOAT, DOUBLE, FLOAT16     number, null for NaN and the infinities
//	DECIMAL                    string with all digits of the scale: "12.30"
//	STRING, ENUM, JSON         string, as it is stored
//	UUID                       string in canonical form
//	DATE                       string: "2024-02-29"
//	TIME                       string: "13:37:00.25", with Z when adjusted to UTC
//	TIMESTAMP                  string in RFC 3339: "2024-02-29T13:37:00.25Z" when
//	                           adjusted to UTC, the same without Z when not
//	INT96                      as a TIMESTAMP that is adjusted to UTC
//	INTERVAL                   string in ISO 8601: "P1M2DT3.5S"
//	BSON and other bytes       string in base64 (RFC 4648, section 4); those of
//	                           an image as they are
//	LIST, repeated fields      list
//	MAP                        object; a key that is no string as it prints
//	other groups               object
//
// A string that is not UTF-8 and a map with the same key twice make their row
// a reject. Everything else that is wrong with a file ends it with an error
// that names the row group.
package parquet

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/metadata"

	"github.com/vecload/vecload/sources"
)

// Format returns the Parquet format for a [sources.Input].
func Format() sources.Format {
	return format(func() *ahead { return newAhead(min(runtime.GOMAXPROCS(0)-1, aheadReaders), aheadLeast, aheadShare) })
}

func format(newAhead func() *ahead) sources.Format {
	return sources.Format{
		Name: "Parquet", Extensions: []string{".parquet"},
		Open: func(_ context.Context, f *sources.File, want *sources.Want) (sources.Reader, error) {
			return open(f, want, newAhead())
		},
	}
}

// progressRows is after how many rows the progress is told.
const progressRows = 256

type reader struct {
	file    *sources.File
	parquet *file.Reader
	plan    plan
	want    *sources.Want
	fetch   fetcher
	ahead   *ahead

	group int   // row group at hand, counted from 0
	left  int64 // rows of it that were not read
	row   int64 // rows that were read
	total int64
}

var (
	_ sources.Reader = (*reader)(nil)
	_ sources.Ending = (*reader)(nil)
)

func open(f *sources.File, want *sources.Want, ahead *ahead) (_ sources.Reader, err error) {
	defer guard(f, "footer", &err)
	if err := checkMagic(f); err != nil {
		return nil, err
	}
	if err := checkFooter(f); err != nil {
		return nil, err
	}
	props := parquet.NewReaderProperties(allocator{})
	r, err := file.NewParquetReader(io.NewSectionReader(f, 0, f.Size()), file.WithReadProps(props))
	if err != nil {
		return nil, f.Corrupt("footer", err)
	}
	meta := r.MetaData()
	if meta.IsSetEncryptionAlgorithm() {
		return nil, errEncrypted(f)
	}
	plan, err := newPlan(meta.Schema.Root(), want)
	if err != nil {
		if lacks, ok := errors.AsType[*missingColumnError](err); ok {
			return nil, f.Unsuited(err, lacks.hint())
		}
		return nil, f.Unsuited(err, "write the file with another schema, or as JSONL")
	}
	opened := &reader{file: f, parquet: r, plan: plan, want: want, ahead: ahead, group: -1, total: r.NumRows()}
	for _, c := range opened.plan.columns {
		c.begin(opened)
	}
	return opened, nil
}

// Next implements [sources.Reader].
func (r *reader) Next(ctx context.Context, record *sources.Record) (err error) {
	defer guard(r.file, "", &err, r.place)
	for r.left == 0 {
		if err := r.endGroup(); err != nil {
			return err
		}
		r.group++
		if r.group == r.parquet.NumRowGroups() {
			return io.EOF
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := r.beginGroup(); err != nil {
			return err
		}
	}
	r.left--
	r.row++
	record.Row = r.row
	record.Reset(r.want)
	if r.row%progressRows == 0 && r.total > 0 {
		done := float64(r.row) / float64(r.total)
		r.file.Advance(int64(min(done, 1) * float64(r.file.Size())))
	}
	rowErr := r.plan.read(record)
	for _, c := range r.plan.columns {
		if err := c.check(); err != nil {
			return r.file.Corrupt(r.place(), fmt.Errorf("column %s: %w", c.name, err))
		}
	}
	if rowErr != nil {
		return r.file.Reject(r.row, rowErr)
	}
	return nil
}

// endingRows is how many rows are left of a file that ends, for the next one to
// have its first pages read in their time.
const endingRows = 8192

// Ending implements [sources.Ending].
func (r *reader) Ending() bool { return r.total-r.row <= endingRows }

// Close implements [sources.Reader].
func (r *reader) Close() error {
	r.ahead.close()
	r.fetch.codecs.close()
	return nil
}

func (r *reader) place() string { return fmt.Sprintf("row group %d, row %d", r.group+1, r.row) }

// beginGroup opens the wanted columns of the next row group.
func (r *reader) beginGroup() error {
	group := r.parquet.RowGroup(r.group)
	r.left = group.NumRows()
	if r.left < 0 {
		return r.file.Corrupt(r.place(), errors.New("the row group has a negative number of rows"))
	}
	for _, c := range r.plan.columns {
		chunk := c.following
		if chunk == nil {
			var err error
			if chunk, err = r.chunk(group, c); err != nil {
				return r.chunkError(c, err)
			}
		}
		c.open(chunk)
	}
	return nil
}

// follow opens a column of the next row group ahead of its time; nil if there
// is none. What is wrong with it is told when the row group begins.
func (r *reader) follow(c *column) *pages {
	if r.group+1 >= r.parquet.NumRowGroups() {
		return nil
	}
	func() {
		defer func() {
			if recover() != nil {
				c.following = nil
			}
		}()
		c.following, _ = r.chunk(r.parquet.RowGroup(r.group+1), c)
	}()
	return c.following
}

// chunkError is the error of a column chunk that is not read.
func (r *reader) chunkError(c *column, err error) error {
	named := fmt.Errorf("column %s: %w", c.name, err)
	unknown := unknownCodecError{}
	switch {
	case errors.Is(err, errColumns):
		return r.file.Corrupt(r.place(), err)
	case errors.Is(err, errElsewhere):
		return r.file.Unsuited(fmt.Errorf("column %s %w", c.name, err), "write the columns into one file")
	case errors.Is(err, errEncryptedColumn):
		return errEncrypted(r.file)
	case errors.As(err, &unknown):
		return r.file.Unsuited(named, "write the file with zstd, snappy, gzip, brotli or LZ4_RAW, or without compression")
	}
	return r.file.Corrupt(r.place(), named)
}

var (
	errColumns         = errors.New("the row group does not have the columns of the schema")
	errElsewhere       = errors.New("is kept in another file")
	errEncryptedColumn = errors.New("it is encrypted")
)

// chunk finds the pages of a column in a row group.
func (r *reader) chunk(group *file.RowGroupReader, c *column) (*pages, error) {
	if group.NumColumns() != r.parquet.MetaData().Schema.NumColumns() {
		return nil, errColumns
	}
	meta, err := group.MetaData().ColumnChunk(c.index)
	switch {
	case err != nil:
		return nil, err
	case meta.FilePath() != "":
		return nil, errElsewhere
	case meta.CryptoMetadata() != nil:
		return nil, errEncryptedColumn
	}
	if err := known(meta.Compression()); err != nil {
		return nil, err
	}
	start, size := meta.DataPageOffset(), meta.TotalCompressedSize()
	if meta.HasDictionaryPage() && meta.DictionaryPageOffset() > 0 {
		start = min(start, meta.DictionaryPageOffset())
	}
	if start < 0 || size < 0 || start > r.file.Size()-size {
		return nil, errors.New("the column reaches beyond the end of the file")
	}
	if r.parquet.WriterVersion().LessThan(metadata.Parquet816FixedVersion) {
		// Old writers left the header of a dictionary out of the size.
		size = min(size+100, r.file.Size()-start)
	}
	buffer := bufferFor(len(r.plan.columns))
	from := io.NewSectionReader(r.file, start, size)
	if c.buffered == nil {
		c.buffered = bufio.NewReaderSize(from, buffer)
	} else {
		c.buffered.Reset(from)
	}
	return &pages{
		r: c.buffered, codec: meta.Compression(), values: meta.NumValues(), size: meta.TotalUncompressedSize(),
		shape: c.shape, block: buffer / 2,
	}, nil
}

// endGroup checks that the columns of the row group end with its rows.
func (r *reader) endGroup() error {
	if r.group < 0 {
		return nil
	}
	for _, c := range r.plan.columns {
		if !c.ended() {
			return r.file.Corrupt(r.place(), fmt.Errorf("column %s has more rows than the row group", c.name))
		}
		if err := c.check(); err != nil {
			return r.file.Corrupt(r.place(), fmt.Errorf("column %s: %w", c.name, err))
		}
	}
	return nil
}

// guard turns a panic of the library, which is its way to say that a file is
// malformed, into an error.
func guard(f *sources.File, place string, err *error, where ...func() string) {
	cause := recover()
	if cause == nil {
		return
	}
	for _, w := range where {
		place = w()
	}
	*err = f.Corrupt(place, malformation(cause))
}

// malformation is the error for a panic of a decoder. The message of a panic may
// hold what was read, so only those of the runtime are told.
func malformation(cause any) error {
	if e, ok := cause.(error); ok {
		if known, ok := errors.AsType[decoderError](e); ok {
			return known
		}
		if re, ok := errors.AsType[runtime.Error](e); ok {
			return fmt.Errorf("the data is malformed (%w)", re)
		}
	}
	return errors.New("the data is malformed, or of a kind that is not known here")
}
