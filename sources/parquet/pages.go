package parquet

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
)

const (
	// maxPage bounds what one page may take, in bytes. Writers make pages of
	// about 1 MiB, and larger ones where texts are long or images are kept.
	maxPage = 1 << 30
	// smallPage is up to which size a page may be any number of times as large
	// as it is in the file; maxRatio is for larger ones. Nothing that is worth
	// embedding is compressed to half a percent.
	smallPage = 64 << 20
	maxRatio  = 200
	// maxDelta bounds the values of a page whose encoding keeps the lengths of
	// all of them in memory.
	maxDelta = 16 << 20
	// pageBuffer is what is read at once, in bytes; where many columns are
	// wanted, allBuffers among them, but leastBuffer at least.
	pageBuffer  = 64 << 10
	allBuffers  = 4 << 20
	leastBuffer = 4 << 10
)

// chunkPages reads the pages of a column chunk one by one, as the library's
// own reader does, and believes nothing that it was not shown: a checksum is
// compared where there is one, a page is as large as its header says, and
// what a header asks for is bounded by what the file has.
type chunkPages struct {
	r      *bufio.Reader
	decode codec // nil: not compressed
	values int64 // that follow, by the footer
	shape  shape

	page   file.Page
	err    error
	shared *scratch
	n      int // pages read

	dictionary int64 // values in it
}

// scratch holds a page as it is in the file, while it is decompressed. All
// columns of a file share one: it is as large as their largest page.
type scratch struct{ page []byte }

// bufferFor returns how much is read at once of each of so many columns.
func bufferFor(columns int) int {
	return max(min(allBuffers/max(columns, 1), pageBuffer), leastBuffer)
}

// shape is what the schema says of the values of a column.
type shape struct {
	maxDef, maxRep int16
	width          int64 // the least bytes of a plain value
}

var _ file.PageReader = (*chunkPages)(nil)

func newChunkPages(r *bufio.Reader, shared *scratch, decode codec, values int64, shape shape) *chunkPages {
	return &chunkPages{r: r, shared: shared, decode: decode, values: values, shape: shape}
}

// Page implements file.PageReader.
func (p *chunkPages) Page() file.Page { return p.page }

// Err implements file.PageReader.
func (p *chunkPages) Err() error { return p.err }

// SetMaxPageHeaderSize implements file.PageReader; a header takes no memory.
func (p *chunkPages) SetMaxPageHeaderSize(int) {}

// Reset implements file.PageReader. Nobody uses a reader of pages twice.
func (p *chunkPages) Reset(parquet.BufferedReader, int64, compress.Compression, *file.CryptoContext) {
	p.err = errors.ErrUnsupported
}

// Next implements file.PageReader.
func (p *chunkPages) Next() bool {
	if p.page != nil {
		p.page.Release()
		p.page = nil
	}
	for p.err == nil && p.page == nil && p.values > 0 {
		p.n++
		h, err := readHeader(p.r)
		if errors.Is(err, io.EOF) {
			return false // the column tells that it ends early
		}
		if err == nil {
			p.page, err = p.make(&h)
		}
		if err != nil {
			p.page, p.err = nil, fmt.Errorf("page %d: %w", p.n, err)
		}
	}
	return p.page != nil
}

// make reads a page after its header; nil for one of a kind that holds no
// values.
func (p *chunkPages) make(h *header) (file.Page, error) {
	if h.kind != dataPage && h.kind != dataPageV2 && h.kind != dictionaryPage {
		_, err := p.r.Discard(int(h.compressed))
		return nil, endsEarly(err)
	}
	if err := p.bounded(h); err != nil {
		return nil, err
	}
	data, err := p.content(h)
	if err != nil {
		return nil, err
	}
	buffer, values := memory.NewBufferBytes(data), int32(h.values) //nolint:gosec // check has bounded it
	switch h.kind {
	case dictionaryPage:
		if h.values > int64(len(data))/p.shape.width {
			return nil, damagedError("a dictionary is smaller than the number of its values")
		}
		p.dictionary = h.values
		return file.NewDictionaryPage(buffer, values, parquet.Encoding(h.encoding)), nil
	case dataPage:
		p.values -= h.values
		page := file.NewDataPageV1(buffer, values, parquet.Encoding(h.encoding), parquet.Encoding(h.defsAs), parquet.Encoding(h.repsAs), int32(h.uncompressed)) //nolint:gosec // bounded
		return page, p.checked(page)
	}
	p.values -= h.values
	page := file.NewDataPageV2(buffer, values, int32(h.nulls), int32(h.rows), parquet.Encoding(h.encoding), int32(h.defsSize), int32(h.repsSize), int32(h.uncompressed), false) //nolint:gosec // bounded
	return page, p.checked(page)
}

// bounded refuses a page that would take more memory than there is reason for.
func (p *chunkPages) bounded(h *header) error {
	switch {
	case h.uncompressed > maxPage || h.compressed > maxPage:
		return damagedError(fmt.Sprintf("its %d MiB are more than the %d MiB that a page may have", max(h.uncompressed, h.compressed)>>20, maxPage>>20))
	case h.uncompressed > smallPage && h.uncompressed/maxRatio > h.compressed:
		return damagedError(fmt.Sprintf("its %d MiB are compressed to less than a %dth, as no page of documents is", h.uncompressed>>20, maxRatio))
	}
	switch parquet.Encoding(h.encoding) {
	case parquet.Encodings.DeltaByteArray, parquet.Encodings.DeltaLengthByteArray:
		if h.values > maxDelta {
			return damagedError(fmt.Sprintf("it has more than %d values", maxDelta))
		}
	}
	return nil
}

// content reads the bytes of a page and decompresses them.
func (p *chunkPages) content(h *header) ([]byte, error) {
	plain := p.decode == nil || (h.kind == dataPageV2 && h.plain)
	if plain && h.compressed != h.uncompressed {
		return nil, errSize
	}
	stored := p.shared.page
	if plain || int64(cap(stored)) < h.compressed {
		stored = make([]byte, h.compressed)
	}
	stored = stored[:h.compressed]
	if _, err := io.ReadFull(p.r, stored); err != nil {
		return nil, endsEarly(err)
	}
	if h.crc != nil && crc32.ChecksumIEEE(stored) != *h.crc {
		return nil, damagedError("it does not match its checksum")
	}
	if plain {
		return stored, nil // values point into it
	}
	p.shared.page = stored
	data := make([]byte, h.uncompressed)
	levels := int64(0)
	if h.kind == dataPageV2 {
		levels = h.defsSize + h.repsSize // which are not compressed
		copy(data, stored[:levels])
	}
	if rest := stored[levels:]; len(rest) > 0 || h.uncompressed > levels {
		return data, p.decode(data[levels:], rest)
	}
	return data, nil
}

// checked looks at the levels of a page of data, and at its indexes.
func (p *chunkPages) checked(page file.Page) error {
	defs, rest, ok := split(page, p.shape.maxDef, p.shape.maxRep)
	if !ok {
		return damagedError("it has fewer levels than values")
	}
	switch parquet.Encoding(page.Encoding()) {
	case parquet.Encodings.PlainDict, parquet.Encodings.RLEDict:
		return indexed(rest, int64(page.NumValues()), p.dictionary)
	case parquet.Encodings.DeltaBinaryPacked, parquet.Encodings.DeltaByteArray, parquet.Encodings.DeltaLengthByteArray:
		need := int64(page.NumValues())
		if p.shape.maxDef > 0 {
			need = present(defs, p.shape.maxDef, need)
		}
		lists := 1
		if parquet.Encoding(page.Encoding()) == parquet.Encodings.DeltaByteArray {
			lists = 2
		}
		return lengths(rest, need, lists)
	}
	return nil
}

func endsEarly(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return damagedError("it reaches beyond the end of its column")
	}
	return err
}
