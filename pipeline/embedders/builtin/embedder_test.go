package builtin_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/builtin"
)

func model(tb testing.TB) *builtin.Embedder {
	tb.Helper()
	e, err := builtin.New()
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func embed(tb testing.TB, e *builtin.Embedder, texts ...string) pipeline.Vectors {
	tb.Helper()
	v, err := e.Embed(tb.Context(), texts)
	if err != nil {
		tb.Fatal(err)
	}
	if v.Dim != builtin.Dim || v.Len() != len(texts) {
		tb.Fatalf("%d texts gave %d vectors of %d", len(texts), v.Len(), v.Dim)
	}
	return v
}

func cosine(a, b pipeline.Vector) float64 {
	var s float64
	for i := range a {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}

func TestVectorsHaveLengthOne(t *testing.T) {
	t.Parallel()
	e := model(t)
	texts := []string{
		"a", "The quick brown fox.", "[PAD]", "向量", "🚀", "?", "\u0561\u0562", strings.Repeat("x", 101),
		"[UNK]", "🚀 🚀", "İ", strings.Repeat("copy bytes ", 20_000),
	}
	v := embed(t, e, texts...)
	for i := range texts {
		if n := cosine(v.At(i), v.At(i)); math.Abs(n-1) > 1e-6 {
			t.Errorf("%.20q: squared length %v", texts[i], n)
		}
	}
}

func TestVectorsDoNotDependOnTheBatch(t *testing.T) {
	t.Parallel()
	e := model(t)
	texts := strings.SplitAfter(strings.Repeat("Copy copies from src to dst. A café — 向量! Sleep pauses.", 3), " ")
	texts = slices.DeleteFunc(texts, func(s string) bool { return strings.TrimSpace(s) == "" })
	all := embed(t, e, texts...)
	var wg sync.WaitGroup
	for i, text := range texts {
		wg.Go(func() {
			one, err := e.Embed(t.Context(), []string{text})
			if err != nil || !slices.Equal(one.Data, []float32(all.At(i))) {
				t.Errorf("%q alone differs from %q in a batch (error %v)", text, text, err)
			}
		})
	}
	wg.Wait()
}

func TestLongTextsAreNotTruncated(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("copy the bytes of a reader ", 10_000)
	v := embed(t, model(t), long, long+strings.Repeat("sleep until tomorrow ", 10_000), "copy the bytes of a reader")
	if c := cosine(v.At(0), v.At(1)); c > 0.99 {
		t.Errorf("the end of a long text counts for nothing: cosine %v", c)
	}
	if c := cosine(v.At(0), v.At(2)); c < 0.999999 {
		t.Errorf("a repeated text differs from itself: cosine %v", c)
	}
}

func TestMeaningIsNear(t *testing.T) {
	t.Parallel()
	e := model(t)
	for _, c := range []struct{ text, near, far string }{
		{"a dog runs in the park", "puppies play outside", "interest rates rose"},
		{"compress data with gzip", "a writer of zip archives", "the color of the sky"},
		{"current time", "what hour is it now", "a matrix of numbers"},
		{"Paris", "the capital of France", "a kernel module"},
	} {
		v := embed(t, e, c.text, c.near, c.far)
		if near, far := cosine(v.At(0), v.At(1)), cosine(v.At(0), v.At(2)); near <= far {
			t.Errorf("%q is nearer to %q (%.3f) than to %q (%.3f)", c.text, c.far, far, c.near, near)
		}
	}
}

func TestTextsWithoutTokensAreRejected(t *testing.T) {
	t.Parallel()
	e := model(t)
	for _, text := range []string{"", " ", "\t\r\n\u3000", "\x00\x01", "\u200b\ufeff", "\u0301", "\xff\xfe"} {
		v, err := e.Embed(t.Context(), []string{"some text", text})
		var rejected *pipeline.Error
		if !errors.As(err, &rejected) || rejected.Class != pipeline.Rejected {
			t.Errorf("%q: error %v, want one of class rejected", text, err)
		}
		if v.Len() != 0 {
			t.Errorf("%q: %d vectors beside an error", text, v.Len())
		}
	}
}

func TestEmbedStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := model(t).Embed(ctx, []string{"text"}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func TestRevisionNamesTheFiles(t *testing.T) {
	t.Parallel()
	e := model(t)
	if !regexp.MustCompile(`^[0-9a-f]{12}$`).MatchString(e.Revision()) {
		t.Errorf("revision %q", e.Revision())
	}
	if header, files := e.Stamps(); header != files {
		t.Errorf("the header has hashes\n%x, the files have\n%x", header, files)
	}
}

func TestDamagedTablesAreRefused(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func([]byte) []byte{
		"empty":      func([]byte) []byte { return nil },
		"header cut": func(b []byte) []byte { return b[:50] },
		"magic":      func(b []byte) []byte { b[0] = 'x'; return b },
		"version":    func(b []byte) []byte { b[8] = 9; return b },
		"rows":       func(b []byte) []byte { binary.LittleEndian.PutUint32(b[12:], 1<<31); return b },
		"dims":       func(b []byte) []byte { b[16]++; return b },
		"quant":      func(b []byte) []byte { b[20] = 2; return b },
		"cut":        func(b []byte) []byte { return b[:len(b)-1] },
	} {
		if err := builtin.ParseTable(damage(builtin.TableBytes())); err == nil {
			t.Errorf("%s: a damaged table is accepted", name)
		}
	}
}
