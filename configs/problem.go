package configs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is everything that is wrong with a configuration.
type Error struct {
	File     string    // as the user named it; "" when there is none
	Problems []Problem // in the order of the file; at least one
}

// Problem is one thing to mend.
type Problem struct {
	Line   int    // 1 for the first line; 0 when the value is in no file
	Column int    // 1 for the first character of the line
	Path   string // such as embed.endpoints[0].tei.url; "" for the file itself
	Flag   string // such as --model, when the value was given by a flag
	Text   string // such as "is missing"; holds no secret
}

// Error lists the problems, one a line, as "file:line:column: path: text",
// which terminals and editors make clickable.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = e.line(p)
	}
	return strings.Join(lines, "\n")
}

func (e *Error) line(p Problem) string {
	var b strings.Builder
	switch {
	case p.Flag != "":
		return p.Flag + ": " + p.Text
	case p.Line > 0:
		fmt.Fprintf(&b, "%s:%d:%d: ", e.File, p.Line, p.Column)
	case e.File != "":
		b.WriteString(e.File + ": ")
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// newError returns nil when there is no problem.
func newError(file string, problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Path, b.Path))
	})
	return &Error{File: file, Problems: slices.Compact(problems)}
}

// quote shows a value in a message, cut to a length that fits a line.
func quote(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
