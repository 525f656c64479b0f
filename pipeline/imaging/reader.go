package imaging

import (
	"errors"
	"io"
)

// reader gives a file to a decoder, front to back or at places. It bounds how
// often a decoder reads the same bytes: the blocks of a TIFF file may all
// point to the same data, so that a small file takes hours.
type reader struct {
	file string
	off  int
	left int          // bytes that may still be read at places
	stop func() error // whether somebody still waits for the image
}

// rereads is how many times its own size a decoder may read of a file.
const rereads = 4

func newReader(file string, stop func() error) *reader {
	return &reader{file: file, left: rereads*len(file) + 1<<20, stop: stop}
}

var errRereads = errors.New("its parts lie one over the other")

// Read implements [io.Reader].
func (r *reader) Read(p []byte) (int, error) {
	if err := r.stop(); err != nil {
		return 0, err
	}
	if r.off == len(r.file) {
		return 0, io.EOF
	}
	n := copy(p, r.file[r.off:])
	r.off += n
	return n, nil
}

// ReadAt implements [io.ReaderAt].
func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	if err := r.stop(); err != nil {
		return 0, err
	}
	if off < 0 || off >= int64(len(r.file)) {
		return 0, io.EOF
	}
	n := copy(p, r.file[off:])
	if r.left -= n; r.left < 0 {
		return 0, errRereads
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
