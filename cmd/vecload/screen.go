package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"unicode/utf8"
)

// screen is where the program writes to. It is the one place that sees to it
// that nothing which a corpus, a server or a file name holds moves the cursor,
// changes a title or turns the direction of writing: characters that do are
// written as JSON writes them, \u001b for ESC, so that text stays readable and
// JSON stays what it is. Its methods may be called from several goroutines.
type screen struct {
	mutex sync.Mutex
	w     io.Writer
	begun []byte // of a character whose end is in the next write
	out   []byte
}

// newScreen returns a screen over w, which may be one already.
func newScreen(w io.Writer) *screen {
	if s, ok := w.(*screen); ok {
		return s
	}
	return &screen{w: w}
}

// fileOf is the file that is written to, perhaps through a screen.
func fileOf(w io.Writer) (*os.File, bool) {
	if s, ok := w.(*screen); ok {
		w = s.w
	}
	file, ok := w.(*os.File)
	return file, ok
}

// Write implements [io.Writer].
func (s *screen) Write(p []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.out = s.out[:0]
	s.clean(p)
	if _, err := s.w.Write(s.out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// redraw clears the line of a terminal and writes text in its place.
func (s *screen) redraw(text string) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.out = append(s.out[:0], "\r\x1b[K"...)
	s.clean([]byte(text))
	_, err := s.w.Write(s.out)
	return err
}

// clean appends p to what is written.
func (s *screen) clean(p []byte) {
	if len(s.begun) > 0 {
		p = append(s.begun, p...)
		s.begun = nil
	}
	for i := 0; i < len(p); {
		if c := p[i]; c < utf8.RuneSelf {
			if acts(rune(c)) {
				s.out = fmt.Appendf(s.out, `\u%04x`, c)
			} else {
				s.out = append(s.out, c)
			}
			i++
			continue
		}
		if !utf8.FullRune(p[i:]) {
			s.begun = append([]byte(nil), p[i:]...)
			return
		}
		r, size := utf8.DecodeRune(p[i:])
		switch {
		case r == utf8.RuneError && size == 1: // a terminal may take it for one that acts
			s.out = utf8.AppendRune(s.out, utf8.RuneError)
		case acts(r):
			s.out = fmt.Appendf(s.out, `\u%04x`, r)
		default:
			s.out = append(s.out, p[i:i+size]...)
		}
		i += size
	}
}

// acts reports whether a terminal does something at a character other than
// showing it: the controls of C0 but line break and tab, DEL, those of C1, and
// those that turn the direction of what follows.
func acts(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case r < ' ', r >= 0x7f && r < 0xa0:
		return true
	}
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
