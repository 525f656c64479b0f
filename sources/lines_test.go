package sources_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
)

// formats has the plainest of formats: a JSON value a line.
func formats() []sources.Format {
	return []sources.Format{{
		Name:       "lines",
		Extensions: []string{".jsonl", ".ndjson"},
		Stdin:      true,
		Open: func(_ context.Context, file *sources.File, want *sources.Want) (sources.Reader, error) {
			return &lineReader{file: file, want: want, lines: bufio.NewScanner(file)}, nil
		},
	}}
}

type lineReader struct {
	file  *sources.File
	want  *sources.Want
	lines *bufio.Scanner
	row   int64
}

func (r *lineReader) Next(ctx context.Context, record *sources.Record) error {
	if !r.lines.Scan() {
		if err := r.lines.Err(); err != nil {
			return r.file.Corrupt("", err)
		}
		return io.EOF
	}
	r.row++
	record.Row = r.row
	if len(r.lines.Bytes()) == 0 {
		return r.Next(ctx, record)
	}
	var v pipeline.Value
	if err := v.UnmarshalJSON(r.lines.Bytes()); err != nil || v.Kind() != pipeline.KindObject {
		return r.file.Reject(r.row, errors.New("no object"))
	}
	take(record, r.want, v)
	return nil
}

func (r *lineReader) Close() error { return nil }

// take puts what is wanted of an object into a record.
func take(record *sources.Record, want *sources.Want, v pipeline.Value) {
	record.Reset(want)
	if want.All {
		record.Fields = v.Object()
	}
	fill(record, want.Fields, v)
}

func fill(record *sources.Record, want []sources.WantField, v pipeline.Value) {
	for _, w := range want {
		inner, ok := v.Field(w.Name)
		if ok && w.Slot >= 0 {
			record.Set(w.Slot, inner)
		}
		fill(record, w.Fields, inner)
	}
}

// record makes a record of a JSON object as the mapper wants it.
func record(tb testing.TB, m *sources.Mapper, object string) *sources.Record {
	tb.Helper()
	var v pipeline.Value
	if err := v.UnmarshalJSON([]byte(object)); err != nil {
		tb.Fatal(err)
	}
	r := &sources.Record{Row: 1}
	take(r, m.Want(), v)
	return r
}
