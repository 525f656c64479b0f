// Package sourcetest is the conformance suite of [pipeline.Source].
package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// NewSource makes a source that holds the records in their order, mapped by
// [Mapping]. Rows are numbered from 1 without gaps.
type NewSource func(tb testing.TB, records []Record) pipeline.Source

// Run checks the promises of [pipeline.Source].
func Run(t *testing.T, newSource NewSource) {
	t.Helper()
	for _, tc := range []struct {
		name string
		run  func(*testing.T, NewSource)
	}{
		{"YieldsEveryRecordOnceInOrder", everyRecord},
		{"YieldsTheSameAtEachCall", again},
		{"KeepsTypesAndExtremes", extremes},
		{"GoesOnAfterRejects", rejects},
		{"IsEmptyWithoutRecords", empty},
		{"ClosesItsFilesWhenTheConsumerLeaves", leaves},
		{"EndsWithItsContext", cancelled},
		{"DoesNotStartUnderADoneContext", neverStarts},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.run(t, newSource)
		})
	}
}

// many is more records than any reader takes at once.
const many = 3000

func records(n int) []Record {
	list := make([]Record, n)
	for i := range list {
		list[i] = Record{
			ID:     fmt.Sprintf("doc-%d", i),
			Text:   fmt.Sprintf("Text number %d, with ünïcode, \"quotes\" and\nlines.", i),
			Number: int64(i) - 1000,
			Score:  float64(i) / 8,
			Flag:   i%3 == 0,
			Tags:   []string{"a", "b", "c"}[:i%4],
			Author: fmt.Sprintf("author %d", i%7),
			Year:   1900 + int64(i%100),
		}
	}
	return list
}

// result is one step of a sequence.
type result struct {
	doc pipeline.Document
	err error
}

func collect(ctx context.Context, source pipeline.Source) []result {
	var got []result
	for doc, err := range source.Documents(ctx) {
		got = append(got, result{doc, err})
	}
	return got
}

// show gives a document as text, its origin's row included.
func show(d pipeline.Document) string {
	return fmt.Sprintf("%d %q %q %s", d.Origin.Row, d.ID, d.Text, pipeline.AppendJSONFields(nil, d.Payload))
}

func compare(t *testing.T, got []result, want []Record) {
	t.Helper()
	if len(got) != len(want) {
		for _, r := range got {
			if r.err != nil {
				t.Errorf("error: %v", r.err)
			}
		}
		t.Fatalf("got %d documents, want %d", len(got), len(want))
	}
	for i, r := range got {
		expected := want[i].Document()
		expected.Origin.Row = int64(i) + 1
		if want[i].Text == "" {
			if class := pipeline.Classify(r.err); r.err == nil || class != pipeline.Rejected {
				t.Errorf("record %d: got error %v of class %v, want a reject", i, r.err, class)
			}
		} else if r.err != nil {
			t.Fatalf("record %d: %v", i, r.err)
		}
		if got, want := show(r.doc), show(expected); got != want {
			t.Fatalf("record %d:\n got %s\nwant %s", i, got, want)
		}
		if r.doc.Origin.File == "" {
			t.Errorf("record %d: its origin names no file", i)
		}
	}
}

func everyRecord(t *testing.T, newSource NewSource) {
	t.Helper()
	want := records(many)
	compare(t, collect(t.Context(), newSource(t, want)), want)
}

func again(t *testing.T, newSource NewSource) {
	t.Helper()
	want := records(100)
	source := newSource(t, want)
	compare(t, collect(t.Context(), source), want)
	compare(t, collect(t.Context(), source), want)
}

func extremes(t *testing.T, newSource NewSource) {
	t.Helper()
	want := []Record{
		{ID: "least", Text: "a", Number: math.MinInt64, Score: -math.MaxFloat64, Year: -1},
		{ID: "most", Text: "b", Number: math.MaxInt64, Score: math.MaxFloat64, Year: math.MaxInt64},
		{ID: "odd", Text: "c", Number: 1<<53 + 1, Score: math.SmallestNonzeroFloat64, Tags: []string{"", " ", "𝄞", "\x00"}},
		{ID: "9007199254740993", Text: "\x00 is kept", Score: 0.1, Author: "\u2028"},
	}
	compare(t, collect(t.Context(), newSource(t, want)), want)
}

func rejects(t *testing.T, newSource NewSource) {
	t.Helper()
	want := records(50)
	for _, i := range []int{0, 7, 8, 49} {
		want[i].Text = ""
	}
	compare(t, collect(t.Context(), newSource(t, want)), want)
}

func empty(t *testing.T, newSource NewSource) {
	t.Helper()
	if got := collect(t.Context(), newSource(t, nil)); len(got) > 0 {
		t.Errorf("got %d elements, the first %v", len(got), got[0])
	}
}

func leaves(t *testing.T, newSource NewSource) {
	t.Helper()
	source := newSource(t, records(many))
	var file string
	n := 0
	for doc, err := range source.Documents(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		file = doc.Origin.File
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Fatalf("got %d documents, want 3", n)
	}
	if open := openFiles(t, file); open > 0 {
		t.Errorf("the consumer left, and the source holds %s open %d times", file, open)
	}
	if got := collect(t.Context(), source); len(got) != many {
		t.Errorf("a sequence after one that was left has %d documents, want %d", len(got), many)
	}
}

// openFiles counts how often this process has a file open; 0 where the system
// does not tell.
func openFiles(t *testing.T, file string) int {
	t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	const folder = "/proc/self/fd"
	entries, err := os.ReadDir(folder)
	if err != nil {
		return 0
	}
	return len(slices.DeleteFunc(entries, func(e os.DirEntry) bool {
		target, err := os.Readlink(filepath.Join(folder, e.Name()))
		return err != nil || target != path
	}))
}

func cancelled(t *testing.T, newSource NewSource) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	var last error
	for _, err := range newSource(t, records(many)).Documents(ctx) {
		if last != nil {
			t.Fatalf("an element comes after the error %v", last)
		}
		if last = err; err == nil {
			n++
		}
		if n == 5 {
			cancel()
		}
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("the last error is %v, want the context's", last)
	}
	if n == many {
		t.Error("the sequence went on to its end under a cancelled context")
	}
}

func neverStarts(t *testing.T, newSource NewSource) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := collect(ctx, newSource(t, records(3)))
	if len(got) != 1 || !errors.Is(got[0].err, context.Canceled) {
		t.Errorf("got %v, want only the context's error", got)
	}
}
