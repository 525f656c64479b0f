package configs

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

const missing = "is missing"

// written says where the values of a Config come from.
type written struct {
	file  string
	at    map[string]position // by path
	flags map[string]string   // by path
}

// FromFlag notes that the value at path, such as embed.model, was given by
// the named flag, such as --model: a problem with it is told by that name
// and without a position.
func (c *Config) FromFlag(path, flag string) {
	w := written{flags: map[string]string{}}
	if c.written != nil {
		w.file, w.at = c.written.file, c.written.at
		maps.Copy(w.flags, c.written.flags)
	}
	w.flags[path] = flag
	c.written = &w
}

// Validate reports everything that is missing, out of range or at odds with
// something else, as an [*Error], and nil when the configuration can work.
// It does not ask for a corpus, which searching does without. To its own
// problems it adds more, of which Path and Text are given: what only those
// know who use a value.
func (c *Config) Validate(more ...Problem) error {
	file := ""
	if c.written != nil {
		file = c.written.file
	}
	v := &validator{written: c.written, problems: c.problems()}
	for _, p := range more {
		v.check(false, p.Path, "%s", p.Text)
	}
	return newError(file, v.problems)
}

func (c *Config) problems() []Problem {
	v := &validator{written: c.written}
	c.source(v)
	if c.lanes(v) {
		c.alternatives(v)
	}
	if c.Chunk != nil {
		c.Chunk.validate(v, c.Lanes())
	}
	c.Index.validate(v)
	c.Index.Hybrid.validate(v, c.Lanes())
	v.check(c.Rejects != "", "rejects", "must name a file")
	v.duration(c.Grace, 0, "grace")
	if c.Index.SQLite != nil {
		v.check(c.Rejects == "" || c.Rejects != c.Index.SQLite.Path, "rejects", "is the file of the index")
	}
	return v.problems
}

// validator collects problems and finds their places.
type validator struct {
	written  *written
	problems []Problem
}

func (v *validator) check(ok bool, path, format string, args ...any) {
	if ok {
		return
	}
	p := Problem{Path: path, Text: fmt.Sprintf(format, args...)}
	if v.written != nil {
		p.Flag = v.written.flags[path]
		// What is missing is told where it would stand.
		for at := path; p.Flag == ""; at = parent(at) {
			if pos, known := v.written.at[at]; known {
				p.Line, p.Column = pos.line, pos.column
			}
			if p.Line > 0 || at == "" {
				break
			}
		}
	}
	v.problems = append(v.problems, p)
}

// given reports whether a value was given, by the file or a flag.
func (v *validator) given(path string) bool {
	if v.written == nil {
		return false
	}
	_, inFile := v.written.at[path]
	return inFile || v.written.flags[path] != ""
}

func (v *validator) number(n, low, high int, path string) {
	v.check(n >= low && n <= high, path, "must be from %d to %d, is %d", low, high, n)
}

func (v *validator) duration(d, low time.Duration, path string) {
	const high = 24 * time.Hour
	v.check(d >= low && d <= high, path, "must be from %v to 24h, is %v", low, d)
}

func (v *validator) name(name, path string) {
	v.check(name == strings.TrimSpace(name), path, "begins or ends with a space")
}

func (c *Config) source(v *validator) {
	for i, path := range c.Source.Path {
		at := element("source.path", i, len(c.Source.Path))
		v.check(path != "", at, "must name a file, a folder or a pattern, or be - for standard input")
		v.check(path == "" || path != c.Rejects, at, "is the file that rejects are written to")
		v.check(!slices.Contains(c.Source.Path[:i], path), at, "is given twice")
	}
	v.name(c.Source.ID, "source.id")
	v.name(c.Source.Text, "source.text")
	c.images(v)
	for i, field := range c.Source.Payload {
		at := element("source.payload", i, len(c.Source.Payload))
		v.check(field != "", at, "must name a field, or be * for all")
		v.check(field != "*" || len(c.Source.Payload) == 1, at, "* keeps all fields, so that others need not be named")
		v.check(!slices.Contains(c.Source.Payload[:i], field), at, "is given twice")
		v.name(field, at)
	}
}

func (c *Chunk) validate(v *validator, lanes []Lane) {
	v.check(c.By != "", "chunk.by", missing)
	v.number(c.MaxTokens, 1, 1_000_000, "chunk.max_tokens")
	v.check(c.Overlap >= 0 && c.Overlap < max(c.MaxTokens, 1), "chunk.overlap",
		"must be from 0 to less than chunk.max_tokens (%d), is %d", c.MaxTokens, c.Overlap)
	texts := 0
	for _, lane := range lanes {
		if lane.Embed.ofImages() {
			continue
		}
		texts++
		most := lane.Embed.Batch.Tokens
		v.check(c.MaxTokens <= most || most < 1, "chunk.max_tokens",
			"is %d, more than %s.batch.tokens (%d): no request could hold such a chunk", c.MaxTokens, lane.Path, most)
	}
	v.check(texts > 0, "chunk", "has no effect: no vector is made of texts")
}

func (i Index) validate(v *validator) {
	v.check(i.Qdrant == nil || i.SQLite == nil, "index", "has both qdrant and sqlite; keep one")
	if q := i.Qdrant; q != nil {
		v.check(q.URL != "", "index.qdrant.url", missing)
		v.check(q.Collection != "", "index.qdrant.collection", missing)
		v.collection(q.Collection, "index.qdrant.collection")
		v.check(!strings.ContainsFunc(q.Vector, unicode.IsControl), "index.qdrant.vector", "must hold no control characters")
		v.check(q.Vector != "" || !v.given("index.qdrant.vector"), "index.qdrant.vector", "must name the vector in the collection")
		v.exposed(q.APIKey, q.URL, q.AllowClearText, "index.qdrant.api_key")
		if v.given("index.qdrant.retry_for") {
			v.duration(q.RetryFor, time.Second, "index.qdrant.retry_for")
		}
		q.tuning(v)
	}
	if s := i.SQLite; s != nil {
		v.check(s.Path != "", "index.sqlite.path", "must name a file")
	}
	v.check(i.KeepPrevious <= 1 || i.Qdrant != nil || i.Publish != PublishAlias, "index.keep_previous",
		"is %d, and beside an SQLite file one earlier file is kept at most", i.KeepPrevious)
	v.number(i.KeepPrevious, 0, 100, "index.keep_previous")
}

// element is the path of an element of a list; a list of one may have been
// written as its element.
func element(path string, i, n int) string {
	if n == 1 {
		return path
	}
	return path + "[" + strconv.Itoa(i) + "]"
}
