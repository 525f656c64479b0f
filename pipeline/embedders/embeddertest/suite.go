// Package embeddertest holds the contract of [pipeline.Embedder] as tests.
package embeddertest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// Run checks an embedder against the contract. newEmbedder is called once for
// each test; what it makes may be slow, but has to embed any text that holds a
// word.
func Run(t *testing.T, newEmbedder func(t *testing.T) pipeline.Embedder) {
	t.Helper()
	tests := map[string]func(t *testing.T, e pipeline.Embedder){
		"as many vectors as texts, in their order": order,
		"one text":                            oneText,
		"the same text has the same vector":   sameText,
		"any text":                            anyText,
		"texts stay as they are":              leavesTexts,
		"vectors belong to the caller":        ownVectors,
		"several calls at once":               atOnce,
		"a call that is cancelled before":     cancelledBefore,
		"a call that is cancelled on the way": cancelledOnTheWay,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newEmbedder(t))
		})
	}
}

// Texts returns n different texts.
func Texts(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("document %d is about subject %d and its place in the world", i, i*i)
	}
	return texts
}

// Awkward returns texts that are easily damaged on the way to a model.
func Awkward() []string {
	return []string{
		"word",
		" a word between spaces ",
		"a line\nand another\r\nand a\ttab",
		"a quote \" and a backslash \\ and a slash / in words",
		"a NUL \x00 and a bell \x07 between words",
		"naïve café, cafe\u0301 with a combining accent",
		"日本語の文章です",
		"family 👩‍👩‍👧 and flag 🇫🇷 in words",
		"line\u2028and paragraph\u2029separators",
		"right to left: שלום and مرحبا",
		"</script><b>markup &amp; words</b>",
		`{"inputs":["words that look like a request"]}`,
		strings.Repeat("a long text with many words, ", 4000),
	}
}

// Unchanged checks that every byte of each text reaches the function that
// makes its vector.
func Unchanged(t *testing.T, e pipeline.Embedder, vector func(text string) []float32) {
	t.Helper()
	texts := Awkward()
	v := embed(t, e, texts)
	for i, text := range texts {
		if !slices.Equal(v.At(i), pipeline.Vector(vector(text))) {
			t.Errorf("the vector of text %d, %.40q, is that of another text", i, text)
		}
	}
}

func order(t *testing.T, e pipeline.Embedder) {
	t.Helper()
	texts := Texts(20)
	v := embed(t, e, texts)
	for i, text := range texts {
		alike(t, fmt.Sprintf("vector %d of 20", i), v.At(i), embed(t, e, []string{text}).At(0))
	}
}

func oneText(t *testing.T, e pipeline.Embedder) {
	t.Helper()
	embed(t, e, []string{"one text"})
}

func sameText(t *testing.T, e pipeline.Embedder) {
	t.Helper()
	v := embed(t, e, []string{"the same words", "other words of another length", "the same words"})
	alike(t, "the first and the third", v.At(0), v.At(2))
	if cosine(v.At(0), v.At(1)) > 0.9999 {
		t.Error("different texts have the same vector")
	}
}

func anyText(t *testing.T, e pipeline.Embedder) {
	t.Helper()
	embed(t, e, Awkward())
}

func leavesTexts(t *testing.T, e pipeline.Embedder) {
	t.Helper()
	texts := Awkward()
	embed(t, e, texts)
	if !slices.Equal(texts, Awkward()) {
		t.Error("the texts of the caller were changed")
	}
}

func ownVectors(t *testing.T, e pipeline.Embedder) {
	t.Helper()
	first := embed(t, e, Texts(3))
	want := slices.Clone(first.Data)
	second := embed(t, e, Texts(3))
	clear(second.Data)
	if !slices.Equal(first.Data, want) {
		t.Error("the vectors of one call changed with those of another")
	}
}

func atOnce(t *testing.T, e pipeline.Embedder) {
	t.Helper()
	texts := Texts(24)
	want := embed(t, e, texts)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			part := texts[3*worker : 3*worker+3]
			for range 5 {
				v, err := e.Embed(t.Context(), part)
				if err != nil || v.Len() != 3 {
					t.Errorf("Embed of 3 texts = %d vectors, %v", v.Len(), err)
					return
				}
				for i := range part {
					alike(t, "a vector of another goroutine", v.At(i), want.At(3*worker+i))
				}
			}
		})
	}
	wg.Wait()
}

func cancelledBefore(t *testing.T, e pipeline.Embedder) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	v, err := e.Embed(ctx, Texts(3))
	if !errors.Is(err, context.Canceled) || v.Len() != 0 {
		t.Errorf("Embed after cancel = %d vectors, %v, want the context's error", v.Len(), err)
	}
}

func cancelledOnTheWay(t *testing.T, e pipeline.Embedder) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := e.Embed(ctx, Texts(2000))
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("Embed returned %s after its context was done", took)
	}
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Embed = %v, want the context's error", err)
	}
}

// embed checks the shape of what an embedder returns.
func embed(t *testing.T, e pipeline.Embedder, texts []string) pipeline.Vectors {
	t.Helper()
	v, err := e.Embed(t.Context(), texts)
	if err != nil {
		t.Fatalf("Embed of %d texts: %v", len(texts), err)
	}
	if v.Dim <= 0 || len(v.Data) != len(texts)*v.Dim {
		t.Fatalf("Embed of %d texts = %d numbers of dimension %d", len(texts), len(v.Data), v.Dim)
	}
	for i, f := range v.Data {
		if math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) {
			t.Fatalf("number %d is %v", i, f)
		}
	}
	return v
}

// alike allows for the rounding of servers that compute batches in one piece.
func alike(t *testing.T, what string, a, b pipeline.Vector) {
	t.Helper()
	if c := cosine(a, b); !(c >= 0.9999) { // NaN is not alike
		t.Errorf("%s: cosine %.6f, want the same vector", what, c)
	}
}

func cosine(a, b pipeline.Vector) float64 {
	if len(a) != len(b) {
		return math.NaN()
	}
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}
