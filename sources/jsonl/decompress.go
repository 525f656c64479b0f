package jsonl

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/vecload/vecload/sources"
)

// maxWindow bounds the memory of the zstd decoder, in bytes. It is the window
// of zstd --long, and the largest that the zstd program takes unasked.
const maxWindow = 128 << 20

type compression uint8

const (
	plain compression = iota
	gzipped
	zstandard
)

// stream is the plain bytes of a file.
type stream struct {
	r     io.Reader
	close func() error
}

// decompress gives the plain bytes of a file, by the end of its name; those
// of standard input by its first bytes.
func decompress(file *sources.File) (stream, error) {
	r := bufio.NewReader(file) // larger reads go past its buffer
	head, err := r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return stream{}, file.Corrupt("line 1", readError(err))
	}
	seen, other := sniff(head)
	if other != "" {
		return stream{}, file.Unsuited(fmt.Errorf("the file is %s, not JSONL", other), "give the file the extension of what it holds, or convert it")
	}
	named := seen
	switch name := strings.ToLower(file.Name()); {
	case name == "-":
	case strings.HasSuffix(name, ".gz"):
		named = gzipped
	case strings.HasSuffix(name, ".zst"):
		named = zstandard
	default:
		named = plain
	}
	if named != plain && len(head) == 0 {
		return stream{}, file.Corrupt("", errors.New("the file is empty, which no compressed file is"))
	}
	if named != seen {
		return stream{}, file.Unsuited(fmt.Errorf("the file is %s, and its name says %s", seen, named), "give the file the extension of what it holds")
	}
	switch named {
	case gzipped:
		z, err := gzip.NewReader(r)
		if err != nil {
			return stream{}, file.Corrupt("", readError(err))
		}
		return stream{z, z.Close}, nil
	case zstandard:
		// With one worker the decoder starts no goroutine.
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return stream{}, file.Corrupt("", readError(err))
		}
		return stream{z, func() error { z.Close(); return nil }}, nil
	case plain:
	}
	return stream{r, func() error { return nil }}, nil
}

// String names a compression as messages do.
func (c compression) String() string {
	switch c {
	case gzipped:
		return "gzip"
	case zstandard:
		return "zstd"
	case plain:
	}
	return "not compressed"
}

// sniff tells the compression of a file by its first bytes (RFC 1952, section
// 2.3.1; RFC 8878, sections 3.1.1 and 3.1.2), and what it is when it is
// something else altogether.
func sniff(head []byte) (c compression, other string) {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return gzipped, ""
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return zstandard, ""
	case len(head) == 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:], []byte{0x2a, 0x4d, 0x18}):
		return zstandard, "" // a skippable frame
	case bytes.Equal(head, []byte("PAR1")):
		return plain, "Parquet"
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return plain, "UTF-16 text"
	}
	return plain, ""
}

// readError says in plain words why a stream cannot be read on.
func readError(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("read: %w", pathErr.Err)
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("the compressed data ends early")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zstd.ErrCRCMismatch):
		return errors.New("the compressed data does not match its checksum")
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return fmt.Errorf("the zstd window is larger than %d MiB", maxWindow>>20)
	}
	return fmt.Errorf("decompress: %w", err)
}
