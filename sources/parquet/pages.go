package parquet

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
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

// pages reads the pages of a column chunk one by one, and believes nothing
// that it was not shown: a checksum is compared where there is one, a page is
// as large as its header says, and what a header asks for is bounded by what
// the file has.
type pages struct {
	r      *bufio.Reader
	codec  compress.Compression
	values int64 // that follow, by the footer
	size   int64 // of all pages, by the footer
	shape  shape
	block  int // bytes of texts that are copied at once

	n          int     // pages read
	header     *header // of the next page; nil: not read
	dictionary *dictionary
	err        error
}

// page is a page of a column: entries, of which those at the highest
// definition level have a value.
type page struct {
	entries    int64
	defs, reps runs
	values     values
	rest       *rest  // what the library is to read; values is nil until it does
	buffer     []byte // what the values are read from
	size       int64
}

// fetcher is what it takes to read pages, one at a time. All columns of a file
// share one: its buffers are as large as the largest page.
type fetcher struct {
	codecs  codecs
	scratch []byte // a page as it is in the file
	texts   []byte // a dictionary of texts
}

// bufferFor returns how much is read at once of each of so many columns.
func bufferFor(columns int) int {
	return max(min(allBuffers/max(columns, 1), pageBuffer), leastBuffer)
}

// shape is what the schema says of the values of a column.
type shape struct {
	maxDef, maxRep int16
	kind           kind
}

// next reads the next page, into a buffer if that is large enough. At the end
// it returns io.EOF. After an error it returns the same again, but for errLarge:
// of a page that takes more than limit bytes, where that is not 0, it reads the
// header only.
func (p *pages) next(f *fetcher, buffer []byte, limit int64) (made *page, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			p.err = malformation(cause)
			made, err = nil, p.err
		}
	}()
	for p.err == nil && p.values > 0 {
		if p.header == nil {
			p.n++
			h, err := readHeader(p.r)
			if errors.Is(err, io.EOF) {
				return nil, io.EOF // the column tells that it ends early
			}
			if err != nil {
				p.err = fmt.Errorf("page %d: %w", p.n, err)
				break
			}
			p.header = &h
		}
		if limit > 0 && max(p.header.uncompressed, p.header.compressed) > limit {
			return nil, errLarge
		}
		made, err := p.read(f, p.header, buffer)
		p.header = nil
		if err != nil {
			p.err = fmt.Errorf("page %d: %w", p.n, err)
		} else if made != nil {
			return made, nil
		}
	}
	if p.err != nil {
		return nil, p.err
	}
	return nil, io.EOF
}

// read reads a page after its header; nil for one that holds no entries.
func (p *pages) read(f *fetcher, h *header, buffer []byte) (*page, error) {
	if h.kind != dataPage && h.kind != dataPageV2 && h.kind != dictionaryPage {
		_, err := p.r.Discard(int(h.compressed))
		return nil, endsEarly(err)
	}
	if err := h.bounded(); err != nil {
		return nil, err
	}
	if h.kind == dictionaryPage {
		return nil, p.readDictionary(f, h)
	}
	data, err := p.content(f, h, buffer)
	if err != nil {
		return nil, err
	}
	p.values -= h.values
	return p.readData(h, data)
}

func (p *pages) readDictionary(f *fetcher, h *header) error {
	switch encoding := parquet.Encoding(h.encoding); {
	case p.dictionary != nil:
		return damagedError("it is a second dictionary")
	case encoding != parquet.Encodings.Plain && encoding != parquet.Encodings.PlainDict:
		return damagedError("a dictionary is of an encoding that is not for dictionaries")
	}
	var buffer []byte // which the dictionary keeps
	if p.shape.kind.text {
		buffer = f.texts // of which it keeps a copy
	}
	data, err := p.content(f, h, buffer)
	if err != nil {
		return err
	}
	if p.shape.kind.text {
		f.texts = data
	}
	p.dictionary, err = newDictionary(data, h.values, p.shape.kind)
	return err
}

func (p *pages) readData(h *header, data []byte) (*page, error) {
	made := &page{entries: h.values, buffer: data, size: h.uncompressed}
	behind, ok := made.levels(h, data, p.shape)
	if !ok {
		return nil, damagedError("it has fewer levels than values")
	}
	if h.values == 0 {
		return nil, nil //nolint:nilnil // it holds no entries
	}
	var err error
	switch encoding := parquet.Encoding(h.encoding); {
	case isIndexed(encoding):
		if p.dictionary != nil {
			err = indexed(behind, h.values, p.dictionary.size)
		}
		if err == nil {
			made.values, err = newIndexes(p.dictionary, behind)
		}
	case encoding == parquet.Encodings.Plain:
		made.values = p.shape.kind.plain(behind, p.block)
	default:
		// The library keeps parts of the page.
		made.buffer, made.rest = nil, &rest{encoding, behind, made.present(p.shape.maxDef)}
		err = made.rest.check()
	}
	return made, err
}

// bounded refuses a page that would take more memory than there is reason for.
func (h *header) bounded() error {
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
func (p *pages) content(f *fetcher, h *header, buffer []byte) ([]byte, error) {
	plain := p.codec == compress.Codecs.Uncompressed || (h.kind == dataPageV2 && h.plain)
	if plain && h.compressed != h.uncompressed {
		return nil, errSize
	}
	stored := buffer
	if !plain {
		stored = f.scratch
	}
	stored = fit(stored, h.compressed)
	if !plain {
		f.scratch = stored
	}
	if _, err := io.ReadFull(p.r, stored); err != nil {
		return nil, endsEarly(err)
	}
	if h.crc != nil && crc32.ChecksumIEEE(stored) != *h.crc {
		return nil, damagedError("it does not match its checksum")
	}
	if plain {
		return stored, nil
	}
	data := fit(buffer, h.uncompressed)
	levels := int64(0)
	if h.kind == dataPageV2 {
		levels = h.defsSize + h.repsSize // which are not compressed
		copy(data, stored[:levels])
	}
	if rest := stored[levels:]; len(rest) > 0 || h.uncompressed > levels {
		return data, f.codecs.decode(p.codec, data[levels:], rest)
	}
	return data, nil
}

// fit returns a buffer of a size: the given one, unless it is too small or was
// made for a page of another order.
func fit(buffer []byte, size int64) []byte {
	const keep = 64 << 10
	if have := int64(cap(buffer)); have < size || have > max(4*size, keep) {
		return make([]byte, size)
	}
	return buffer[:size]
}

func endsEarly(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return damagedError("it reaches beyond the end of its column")
	}
	return err
}
