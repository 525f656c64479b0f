package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// lz4Raw is the codec LZ4_RAW (Compression.md of the Parquet format). LZ4, the
// older, has a framing that writers do not agree on.
const lz4Raw compress.Compression = 7

var errSize = damagedError("it does not have the size that its header says")

// codecs fills pages with what their compressed bytes hold, all of it and no
// more; the library's own take sizes from the data, make as much memory as these
// say, and leave zeros where data lacks. What a codec needs is used again.
type codecs struct {
	zstd   *zstd.Decoder
	gzip   *gzip.Reader
	brotli *brotli.Reader
}

type unknownCodecError struct{ name string }

// Error implements error.
func (e unknownCodecError) Error() string {
	return "it is compressed by " + e.name + ", which is not read"
}

// known returns an error for a codec that is not read.
func known(codec compress.Compression) error {
	switch codec {
	case compress.Codecs.Uncompressed, compress.Codecs.Snappy, compress.Codecs.Gzip, compress.Codecs.Brotli, compress.Codecs.Zstd, lz4Raw:
		return nil
	case compress.Codecs.Lz4:
		return unknownCodecError{"LZ4 of the old kind"}
	case compress.Codecs.Lzo:
		return unknownCodecError{"LZO"}
	}
	return unknownCodecError{fmt.Sprintf("codec %d", int(codec))}
}

// decode fills dst with what src holds.
func (c *codecs) decode(codec compress.Compression, dst, src []byte) error {
	switch codec {
	case compress.Codecs.Snappy:
		return unSnappy(dst, src)
	case compress.Codecs.Gzip:
		return c.unGzip(dst, src)
	case compress.Codecs.Brotli:
		return c.unBrotli(dst, src)
	case compress.Codecs.Zstd:
		return c.unZstd(dst, src)
	case lz4Raw:
		return unLZ4(dst, src)
	}
	return known(codec)
}

func (c *codecs) close() {
	if c.zstd != nil {
		c.zstd.Close()
	}
}

func unSnappy(dst, src []byte) error {
	if n, err := snappy.DecodedLen(src); err != nil || n != len(dst) {
		return errSize
	}
	_, err := snappy.Decode(dst, src)
	return malformed(err)
}

func (c *codecs) unGzip(dst, src []byte) (err error) {
	if c.gzip == nil {
		c.gzip = &gzip.Reader{}
	}
	if err := c.gzip.Reset(bytes.NewReader(src)); err != nil {
		return malformed(err)
	}
	return exactly(c.gzip, dst)
}

func (c *codecs) unBrotli(dst, src []byte) error {
	if c.brotli == nil {
		c.brotli = &brotli.Reader{}
	}
	if err := c.brotli.Reset(bytes.NewReader(src)); err != nil {
		return malformed(err)
	}
	return exactly(c.brotli, dst)
}

func (c *codecs) unZstd(dst, src []byte) error {
	if c.zstd == nil {
		// With one worker the decoder starts no goroutine, and with the limit
		// it writes no more than there is room for.
		z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderMaxMemory(maxPage))
		if err != nil {
			return err
		}
		c.zstd = z
	}
	got, err := c.zstd.DecodeAll(src, dst[:0:len(dst)])
	switch {
	case errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrWindowSizeExceeded):
		return errSize
	case err == nil && len(got) != len(dst):
		return errSize
	}
	return malformed(err)
}

func unLZ4(dst, src []byte) error {
	n, err := lz4.UncompressBlock(src, dst)
	if err == nil && n != len(dst) {
		return errSize
	}
	return malformed(err)
}

// exactly reads as much as there is room for, and the end, at which a codec
// compares its checksum.
func exactly(r io.Reader, dst []byte) error {
	if _, err := io.ReadFull(r, dst); err != nil {
		return malformed(err)
	}
	var more [1]byte
	switch n, err := io.ReadFull(r, more[:]); {
	case n > 0:
		return errSize
	case !errors.Is(err, io.EOF):
		return malformed(err)
	}
	return nil
}

// malformed says that compressed data cannot be read. Messages of codecs hold
// nothing of the data.
func malformed(err error) error {
	if err == nil {
		return nil
	}
	return damagedError(fmt.Sprintf("its compressed data is damaged (%v)", err))
}
