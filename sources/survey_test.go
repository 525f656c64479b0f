package sources_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/jsonl"
)

// survey guesses the mapping of what write writes into standard input, and
// returns the guess, when it came, and the documents that follow.
func survey(t *testing.T, write func(io.Writer)) (why string, after time.Duration, docs string) {
	t.Helper()
	r, w := io.Pipe()
	start := time.Now()
	go func() {
		write(w)
		w.Close() //nolint:errcheck // it never fails
	}()
	input := sources.Input{Files: []string{"-"}, Formats: []sources.Format{jsonl.Format()}, Stdin: sources.NewStdin(r)}
	guess, err := sources.Guess(t.Context(), input, sources.Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	after = time.Since(start)
	c, err := sources.NewCorpus(input, guess.Mapping)
	if err != nil {
		t.Fatal(err)
	}
	if docs, err = origins(t, c); err != nil {
		t.Fatal(err)
	}
	return guess.Why, after, docs
}

// lines writes records with the numbers from first to last, with a time
// between them.
func lines(w io.Writer, first, last int, between time.Duration) {
	for i := first; i <= last; i++ {
		if i > first {
			<-time.After(between)
		}
		fmt.Fprintf(w, "{\"id\":%d,\"text\":\"a\"}\n", i)
	}
}

func TestASurveyOfStandardInputEndsWithWhatComesInSeconds(t *testing.T) {
	t.Parallel()
	const chosen = `The text is field "text", by its name; the id is field "id".`
	for _, tc := range []struct {
		name  string
		write func(io.Writer)
		after time.Duration
		by    string
		docs  int
	}{
		{
			"a pause after five", func(w io.Writer) {
				lines(w, 1, 5, 0)
				<-time.After(time.Hour)
				lines(w, 6, 8, 0)
			}, 2 * time.Second, " Told by the first 5 records, after which no more came at once.", 8,
		},
		{
			"a pause after one and in the middle of a line", func(w io.Writer) {
				io.WriteString(w, "{\"id\":1,\"text\":\"a\"}\n{\"id\":2,") //nolint:errcheck // it never fails
				<-time.After(time.Minute)
				io.WriteString(w, "\"text\":\"b\"}\n") //nolint:errcheck // it never fails
			}, 2 * time.Second, " Told by the first record, after which no more came at once.", 2,
		},
		{"nothing for a long time", func(w io.Writer) {
			<-time.After(time.Hour)
			lines(w, 1, 150, 0)
		}, time.Hour, "", 150},
		{
			"a record a second", func(w io.Writer) { lines(w, 1, 30, time.Second-time.Millisecond) },
			10 * time.Second, " Told by the first 11 records, after which no more came at once.", 30,
		},
		{"a hundred and then a pause", func(w io.Writer) {
			lines(w, 1, 100, 10*time.Millisecond)
			<-time.After(time.Hour)
			lines(w, 101, 102, 0)
		}, 990 * time.Millisecond, "", 102},
		{"an end after five", func(w io.Writer) { lines(w, 1, 5, time.Second) }, 4 * time.Second, "", 5},
		{
			"compressed, with a pause", func(w io.Writer) {
				z := gzip.NewWriter(w)
				lines(z, 1, 5, 0)
				z.Flush() //nolint:errcheck // it never fails
				<-time.After(time.Minute)
				lines(z, 6, 7, 0)
				z.Close() //nolint:errcheck // it never fails
			}, 2 * time.Second, " Told by the first 5 records, after which no more came at once.", 7,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				why, after, docs := survey(t, tc.write)
				if want := chosen + tc.by; why != want || after != tc.after {
					t.Errorf("after %s: %s\nwant after %s: %s", after, why, tc.after, want)
				}
				var want []string
				for i := range tc.docs {
					want = append(want, fmt.Sprint("-:", i+1))
				}
				if want := strings.Join(want, " "); docs != want {
					t.Errorf("documents %s, want each once: %s", docs, want)
				}
			})
		})
	}
}

func TestASurveyThatWaitsEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, before := range []string{"", "{\"text\":\"a\"}\n"} {
			r, w := io.Pipe()
			go io.WriteString(w, before) //nolint:errcheck // it never fails
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			input := sources.Input{Files: []string{"-"}, Formats: []sources.Format{jsonl.Format()}, Stdin: sources.NewStdin(r)}
			if _, err := sources.Guess(ctx, input, sources.Mapping{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("after %q: %v, want the end of the context", before, err)
			}
			cancel()
			w.Close() //nolint:errcheck // it never fails
		}
	})
}

func TestARecordWithoutTextIsToldAfterAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		go io.WriteString(w, "{\"n\":1}\n") //nolint:errcheck // it never fails
		input := sources.Input{Files: []string{"-"}, Formats: []sources.Format{jsonl.Format()}, Stdin: sources.NewStdin(r)}
		_, err := sources.Guess(t.Context(), input, sources.Mapping{})
		if pipeline.Classify(err) != pipeline.Misconfigured || !strings.Contains(fmt.Sprint(err), "no field holds texts; fields: n") {
			t.Errorf("err = %v, want the fields", err)
		}
		w.Close() //nolint:errcheck // it never fails
	})
}
