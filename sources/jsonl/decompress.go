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
		if errors.Is(err, gzip.ErrHeader) {
			err = errors.New("the gzip header is malformed")
		}
		if err != nil {
			return stream{}, file.Corrupt("", readError(err))
		}
		return unpacked(file, z, z.Close)
	case zstandard:
		// With one worker the decoder starts no goroutine.
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return stream{}, file.Corrupt("", readError(err))
		}
		return unpacked(file, z, func() error { z.Close(); return nil })
	case plain:
	}
	return stream{r, func() error { return nil }}, nil
}

// unpacked looks at what was compressed: another compressed file, as careless
// scripts make them, or no text at all.
func unpacked(file *sources.File, z io.Reader, done func() error) (stream, error) {
	r := bufio.NewReader(z)
	head, _ := r.Peek(4) // the reader of lines meets an error again, at its place
	seen, other := sniff(head)
	if seen != plain {
		other = seen.String()
	}
	if other == "" {
		return stream{r, done}, nil
	}
	_ = done()
	return stream{}, file.Unsuited(fmt.Errorf("what is decompressed is %s, not JSONL", other), "give the file the extension of what it holds, or convert it")
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
	}
	return plain, foreign(head)
}

// foreign names what a file is whose first bytes no JSONL has, "" when nothing
// is known of them. Told as one error, it does not come as a reject for each
// line of noise.
func foreign(head []byte) string {
	for _, known := range []struct{ magic, name string }{
		{"PAR1", "Parquet"},
		{"PARE", "encrypted Parquet"},
		{"PK\x03\x04", "a zip file"},
		{"BZh", "bzip2"},
		{"\xfd7zX", "xz"},
		{"\x04\x22\x4d\x18", "LZ4"},
		{"\xff\xfe", "UTF-16 text"},
		{"\xfe\xff", "UTF-16 text"},
		{"{\x00", "UTF-16 text"},
		{"\x00{", "UTF-16 text"},
	} {
		if bytes.HasPrefix(head, []byte(known.magic)) {
			return known.name
		}
	}
	return ""
}

// readError says in plain words why a stream cannot be read on.
func readError(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("read: %w", pathErr.Err)
	}
	switch {
	case errors.Is(err, sources.ErrShorter):
		return sources.ErrShorter
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("the compressed data ends early")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zstd.ErrCRCMismatch):
		return errors.New("the compressed data does not match its checksum")
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, zstd.ErrMagicMismatch):
		return errors.New("what follows the compressed data is not compressed")
	}
	return fmt.Errorf("decompress: %w", err)
}

// ended is the error of a file that cannot be read on after a line.
func ended(file *sources.File, line int64, err error) error {
	switch {
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return file.Unsuited(fmt.Errorf("the zstd window is larger than %d MiB", maxWindow>>20), "compress the file with a smaller window: zstd --long=27, or without --long")
	case errors.Is(err, zstd.ErrUnknownDictionary):
		return file.Unsuited(errors.New("the file needs a zstd dictionary, which is not in it"), "compress the file without a dictionary")
	}
	return file.Corrupt(fmt.Sprintf("line %d", line), readError(err))
}
