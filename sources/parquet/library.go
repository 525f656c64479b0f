package parquet

import (
	"encoding/binary"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// libraryBatch is how many values the library decodes at once.
const libraryBatch = 256

// library has the library read the values of a column chunk that are in an
// encoding which few writers choose. It gets them as a column that nothing is
// missing of, page by page: some writers have the first value of a page begin
// as the last one of the page before.
type library struct {
	chunk fromPages
	feed  feed
}

// fromPages are values that are read page by page.
type fromPages interface {
	values
	begin(present int64)
}

func newLibrary(node *schema.PrimitiveNode) *library {
	l := &library{}
	switch chunk := file.NewColumnReader(schema.NewColumn(node, 0, 0), &l.feed, allocator{}, nil).(type) {
	case *file.BooleanColumnChunkReader:
		l.chunk = &batches[bool]{chunk: chunk, plain: func(v bool, into []byte) []byte {
			if v {
				return append(into, 1)
			}
			return append(into, 0)
		}}
	case *file.Int32ColumnChunkReader:
		l.chunk = &batches[int32]{chunk: chunk, plain: func(v int32, into []byte) []byte {
			return binary.LittleEndian.AppendUint32(into, uint32(v)) //nolint:gosec // its bits
		}}
	case *file.Int64ColumnChunkReader:
		l.chunk = &batches[int64]{chunk: chunk, plain: func(v int64, into []byte) []byte {
			return binary.LittleEndian.AppendUint64(into, uint64(v)) //nolint:gosec // its bits
		}}
	case *file.ByteArrayColumnChunkReader:
		l.chunk = &batches[parquet.ByteArray]{chunk: chunk, plain: func(v parquet.ByteArray, _ []byte) []byte { return v }}
	case *file.FixedLenByteArrayColumnChunkReader:
		l.chunk = &batches[parquet.FixedLenByteArray]{chunk: chunk, plain: func(v parquet.FixedLenByteArray, _ []byte) []byte { return v }}
	}
	return l
}

// rest is a page that the library is to read: its values, and how many.
type rest struct {
	encoding parquet.Encoding
	data     []byte
	present  int64
}

// check refuses what the library would wait for.
func (r *rest) check() error {
	switch r.encoding {
	case parquet.Encodings.DeltaBinaryPacked, parquet.Encodings.DeltaLengthByteArray:
		return lengths(r.data, r.present, 1)
	case parquet.Encodings.DeltaByteArray:
		return lengths(r.data, r.present, 2)
	}
	return nil
}

// read returns the values of the next page.
func (l *library) read(r *rest) (values, error) {
	if l.chunk == nil {
		return nil, damagedError(fmt.Sprintf("its encoding %s is not read for its type", r.encoding))
	}
	l.feed.page = file.NewDataPageV1(memory.NewBufferBytes(r.data), int32(r.present), r.encoding, //nolint:gosec // a page is bounded
		parquet.Encodings.RLE, parquet.Encodings.RLE, int32(len(r.data))) //nolint:gosec // a page is bounded
	l.chunk.begin(r.present)
	return l.chunk, nil
}

// batches gives the values of one physical type that the library read.
type batches[T any] struct {
	chunk interface {
		Err() error
		ReadBatch(n int64, values []T, defs, reps []int16) (entries int64, read int, err error)
	}
	plain func(v T, into []byte) []byte // as the encoding PLAIN writes it

	left     int64 // values of the page that were not read
	values   []T
	at, read int // of them
	scratch  [8]byte
}

func (b *batches[T]) begin(present int64) { b.left, b.at, b.read = present, 0, 0 }

func (b *batches[T]) bytes() ([]byte, error) {
	if b.at == b.read {
		if err := b.fill(); err != nil {
			return nil, err
		}
	}
	b.at++
	return b.plain(b.values[b.at-1], b.scratch[:0]), nil
}

func (b *batches[T]) fill() error {
	n := min(b.left, libraryBatch)
	if n == 0 {
		return errFit
	}
	if int64(len(b.values)) < n {
		b.values = make([]T, n)
	}
	_, read, err := b.chunk.ReadBatch(n, b.values[:n], nil, nil)
	if err == nil {
		err = b.chunk.Err()
	}
	b.at, b.read, b.left = 0, read, b.left-int64(read)
	switch {
	case err != nil:
		return damagedError(err.Error())
	case read == 0:
		return errFit
	}
	return nil
}

func (b *batches[T]) text() (string, bool, error) { return textOf(b.bytes()) }

// feed gives the library one page after the other.
type feed struct{ page, next file.Page }

var _ file.PageReader = (*feed)(nil)

// Next implements file.PageReader.
func (f *feed) Next() bool {
	f.next, f.page = f.page, nil
	return f.next != nil
}

// Page implements file.PageReader.
func (f *feed) Page() file.Page { return f.next }

// Err implements file.PageReader.
func (*feed) Err() error { return nil }

// SetMaxPageHeaderSize implements file.PageReader; there is no header.
func (*feed) SetMaxPageHeaderSize(int) {}

// Reset implements file.PageReader. Nobody uses a reader of pages twice.
func (*feed) Reset(parquet.BufferedReader, int64, compress.Compression, *file.CryptoContext) {}
