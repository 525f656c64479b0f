package sources

import (
	"context"
	"errors"
	"io"
)

// Stdin is a stream that can be read once. What [Guess] looks at is kept and
// read again by the corpus. It is used by one goroutine at a time.
type Stdin struct {
	r    io.Reader
	head []byte // what was read by a look
	err  error  // the end of r
	used bool   // the stream was given out and nothing is kept any more
	wait chan chunk
}

type chunk struct {
	data []byte
	err  error
}

// stdinChunk is the size of one read, in bytes: four pipes full on Linux.
const stdinChunk = 256 << 10

// maxLook bounds what a look keeps, in bytes: what a guess reads and the
// longest line that may begin at its end.
const maxLook = 96 << 20

// NewStdin returns the stream r, usually standard input.
func NewStdin(r io.Reader) *Stdin { return &Stdin{r: r} }

var errStdinUsed = errors.New("standard input was read already, and can be read only once")

// look reads the stream from its start and keeps what it reads. For a look,
// the stream ends after maxLook bytes, so that one without lines does not fill
// the memory, and fails when the patience is over.
func (s *Stdin) look(ctx context.Context, patience *patience) (func(p []byte) (int, error), error) {
	if s.used {
		return nil, errStdinUsed
	}
	at := 0
	return func(p []byte) (int, error) {
		if at == len(s.head) {
			if at >= maxLook {
				return 0, io.EOF
			}
			data, err := patience.wait(ctx, s.next)
			s.head = append(s.head, data...)
			if len(data) == 0 && err != nil {
				return 0, err
			}
		}
		n := copy(p, s.head[at:])
		at += n
		return n, nil
	}, nil
}

// take reads the stream from its start, what was looked at included, once.
func (s *Stdin) take(ctx context.Context) (func(p []byte) (int, error), error) {
	if s.used {
		return nil, errStdinUsed
	}
	s.used = true
	rest := s.head
	s.head = nil
	return func(p []byte) (int, error) {
		for len(rest) == 0 {
			data, err := s.next(ctx)
			rest = data
			if len(data) == 0 && err != nil {
				return 0, err
			}
		}
		n := copy(p, rest)
		rest = rest[n:]
		return n, nil
	}, nil
}

// next returns the next piece of the stream. A read of a pipe or a terminal
// cannot be interrupted: when the context is done first, the goroutine that
// reads ends with its read, and the piece is returned by the next call.
func (s *Stdin) next(ctx context.Context) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	if s.wait == nil {
		s.wait = make(chan chunk, 1)
		go func(r io.Reader, done chan<- chunk) {
			buf := make([]byte, stdinChunk)
			n, err := r.Read(buf)
			done <- chunk{buf[:n], err}
		}(s.r, s.wait)
	}
	select {
	case got := <-s.wait:
		s.wait = nil
		s.err = got.err
		return got.data, got.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
