// Package jsonl reads JSON Lines: one JSON object (RFC 8259) a line, UTF-8,
// lines ended by LF or CRLF, the last one perhaps by neither. Blank lines and
// a byte order mark at the start of the file are passed over. Files may be
// compressed by gzip, also in several members, or by zstd; standard input is
// read plain or compressed, by its first bytes.
//
// A line that is no such object is a reject, and stricter rules than JSON's
// apply where a record would not mean one thing: the same key twice in one
// object, an escape of half a surrogate pair, a number beyond the range of a
// float64, more than 1,000 levels of nesting. These hold for the whole line,
// whatever of it is wanted. Integers stay exact; one that int64 does not hold
// becomes a string of its digits.
package jsonl

import (
	"context"
	"errors"
	"io"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
)

// MaxLine is the length of the longest line that is read, in bytes without
// its end. Longer ones are rejects and are not held in memory.
const MaxLine = 64 << 20

// Format returns the format of JSON Lines for a [sources.Input].
func Format() sources.Format {
	return sources.Format{
		Name: "JSONL",
		Extensions: []string{
			".jsonl", ".jsonl.gz", ".jsonl.zst",
			".ndjson", ".ndjson.gz", ".ndjson.zst",
		},
		Stdin: true,
		Open:  open,
	}
}

func open(_ context.Context, file *sources.File, want *sources.Want) (sources.Reader, error) {
	stream, err := decompress(file)
	if err != nil {
		return nil, err
	}
	return &reader{
		file:  file,
		want:  want,
		close: stream.close,
		lines: lines{r: stream.r, max: MaxLine},
	}, nil
}

type reader struct {
	file  *sources.File
	want  *sources.Want
	close func() error
	lines lines
	scan  scanner
}

var _ sources.Reader = (*reader)(nil)

// Next implements [sources.Reader].
func (r *reader) Next(ctx context.Context, record *sources.Record) error {
	for {
		line, err := r.lines.next(ctx)
		record.Row = r.lines.number
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return io.EOF
		case errors.Is(err, errLongLine):
			return r.file.Reject(record.Row, err)
		case ctx.Err() != nil:
			return context.Cause(ctx)
		default:
			return ended(r.file, record.Row, err)
		}
		if blank(line) {
			continue
		}
		record.Reset(r.want)
		if err := r.scan.record(line, r.want, record); err != nil {
			reject := r.file.Reject(record.Row, err)
			if errors.Is(err, errNotObject) {
				reject.Hint = "every line has to hold one object; jq -c '.[]' makes such lines of a list"
			}
			return reject
		}
		return nil
	}
}

// Close implements [sources.Reader].
func (r *reader) Close() error { return r.close() }

func blank(line []byte) bool {
	for _, c := range line {
		if !isSpace(c) {
			return false
		}
	}
	return true
}

// Parse reads one JSON value by the rules of this package.
func Parse(data []byte) (pipeline.Value, error) {
	var s scanner
	return s.document(data)
}
