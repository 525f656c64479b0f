package jsonl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// readSize is the least room for one read, in bytes.
const readSize = 256 << 10

var errLongLine = fmt.Errorf("the line is longer than %d MiB", MaxLine>>20)

// lines cuts a stream into lines.
type lines struct {
	r      io.Reader
	max    int   // longest line
	number int64 // of the line that next returned, 1 is the first

	buf        []byte
	start, end int   // what was read and not returned
	err        error // of r
}

// next returns the next line without its LF. The line is valid until the next
// call. After io.EOF there are no more lines; errLongLine is about one line;
// any other error is the stream's, and the line it cut short is not returned.
func (l *lines) next(ctx context.Context) ([]byte, error) {
	l.number++
	searched := l.start
	skipped := false
	for {
		if i := bytes.IndexByte(l.buf[searched:l.end], '\n'); i >= 0 {
			line := l.buf[l.start : searched+i]
			l.start = searched + i + 1
			return l.finish(line, skipped)
		}
		if l.end-l.start > l.max+len(byteOrderMark) {
			skipped = true
			l.start = l.end
		}
		if l.err != nil {
			if !errors.Is(l.err, io.EOF) {
				return nil, l.err
			}
			if l.start == l.end && !skipped {
				return nil, io.EOF
			}
			line := l.buf[l.start:l.end]
			l.start = l.end
			return l.finish(line, skipped)
		}
		held := l.end - l.start
		if err := l.fill(ctx); err != nil {
			return nil, err
		}
		searched = l.start + held
	}
}

const byteOrderMark = "\ufeff"

func (l *lines) finish(line []byte, skipped bool) ([]byte, error) {
	if l.number == 1 {
		line = bytes.TrimPrefix(line, []byte(byteOrderMark))
	}
	if skipped || len(line) > l.max {
		return nil, errLongLine
	}
	return line, nil
}

// fill reads more, and makes room for it first.
func (l *lines) fill(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if len(l.buf)-l.end < readSize {
		held := l.buf[l.start:l.end]
		if len(l.buf)-len(held) < readSize {
			// Doubled, but to no more than the longest line needs.
			l.buf = make([]byte, min(max(2*len(held), 2*readSize), l.max+len(byteOrderMark)+readSize))
		}
		l.end = copy(l.buf, held)
		l.start = 0
	}
	for range 100 { // as bufio does, for readers that give nothing and no error
		var n int
		n, l.err = l.r.Read(l.buf[l.end:])
		l.end += n
		if n > 0 || l.err != nil {
			return nil //nolint:nilerr // next tells l.err when what came before it was returned
		}
	}
	l.err = io.ErrNoProgress
	return nil
}
