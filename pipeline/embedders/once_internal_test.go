package embedders

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// told is an embedder whose vectors tell the text, which may be long.
type told func(ctx context.Context, texts []string) (pipeline.Vectors, error)

func (e told) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	return e(ctx, texts)
}

func tell(_ context.Context, texts []string) (pipeline.Vectors, error) {
	v := pipeline.Vectors{Dim: 2}
	for _, text := range texts {
		v.Data = append(v.Data, number(text), float32(len(text)))
	}
	return v, nil
}

func number(text string) float32 {
	var n int
	_, _ = fmt.Sscan(text, &n)
	return float32(n)
}

func checkTold(t *testing.T, v pipeline.Vectors, err error, texts []string) {
	t.Helper()
	if err != nil || v.Len() != len(texts) {
		t.Errorf("%d vectors for %d texts, %v", v.Len(), len(texts), err)
		return
	}
	for i, text := range texts {
		if v.At(i)[0] != number(text) || v.At(i)[1] != float32(len(text)) {
			t.Errorf("vector %d is %v, not that of %.10q (%d bytes)", i, v.At(i), text, len(text))
		}
	}
}

func TestTextsOfOneHashAreToldApart(t *testing.T) {
	t.Parallel()
	for name, hash := range map[string]func(string) uint64{
		"all have one":  func(string) uint64 { return 1 },
		"some have one": func(text string) uint64 { return uint64(number(text)) % 3 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			once := NewOnce(told(func(ctx context.Context, texts []string) (pipeline.Vectors, error) {
				calls += len(texts)
				return tell(ctx, texts)
			}), 0)
			once.hash = hash
			long := strings.Repeat("x", proofMost)
			texts := []string{"1", "2", "1", "3 " + long, "6 " + long, "6 " + long, "5", "3 " + long}
			for range 3 {
				v, err := once.Embed(t.Context(), texts)
				checkTold(t, v, err, texts)
			}
			if calls >= 3*len(texts) || calls < 5 {
				t.Errorf("%d texts were embedded", calls)
			}
			if len(once.texts) == 0 || len(once.texts) != len(once.kept.list) {
				t.Errorf("%d texts are known and %d kept", len(once.texts), len(once.kept.list))
			}
		})
	}
}

func TestAProofIsThatOfItsLastText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", proofMost+1)
	var p proof
	for _, text := range []string{long, "short", long[1:], "y" + long} {
		p.prepare(text)
		p.set(text)
		for _, other := range []string{long, "short", long[1:], "y" + long, long + "y", "shorx"} {
			if p.of(other) != (other == text) {
				t.Errorf("the proof of %.5q (%d bytes) is one of %.5q (%d bytes): %v", text, len(text), other, len(other), p.of(other))
			}
		}
	}
}

// TestOnceIsSharedByManyCalls has calls that overlap, for texts that come again
// while they are embedded, while they are kept and after they were given up.
func TestOnceIsSharedByManyCalls(t *testing.T) {
	t.Parallel()
	once := NewOnce(told(tell), 20*(4*2+proofMost+keptBeside))
	var all sync.WaitGroup
	for caller := range 4 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(caller)))
			for range 300 {
				texts := make([]string, 1+r.IntN(12))
				for i := range texts {
					texts[i] = fmt.Sprint(r.IntN(1 + r.IntN(200)))
					if r.IntN(4) == 0 {
						texts[i] += strings.Repeat(" ", proofMost)
					}
				}
				v, err := once.Embed(t.Context(), texts)
				checkTold(t, v, err, texts)
				clear(v.Data)
			}
		})
	}
	all.Wait()
	if len(once.texts) != 20 || len(once.kept.list) != 20 {
		t.Errorf("%d texts are known and %d kept, want 20", len(once.texts), len(once.kept.list))
	}
}

func TestWhatComesAgainOftenOutlivesWhatComesOnce(t *testing.T) {
	t.Parallel()
	embedded := map[string]int{}
	once := NewOnce(told(func(ctx context.Context, texts []string) (pipeline.Vectors, error) {
		for _, text := range texts {
			embedded[text]++
		}
		return tell(ctx, texts)
	}), 10*(4*2+proofMost+keptBeside))
	next := 1000
	for range 100 {
		texts := []string{"1", "2"}
		for range 6 {
			next++
			texts = append(texts, fmt.Sprint(next))
		}
		v, err := once.Embed(t.Context(), texts)
		checkTold(t, v, err, texts)
	}
	if embedded["1"] != 1 || embedded["2"] != 1 {
		t.Errorf("what came in each call was embedded %d and %d times, want once", embedded["1"], embedded["2"])
	}
}

func TestVectorsOfAnotherDimensionTakeThePlacesOfTheOthers(t *testing.T) {
	t.Parallel()
	dim := 2
	once := NewOnce(told(func(_ context.Context, texts []string) (pipeline.Vectors, error) {
		v := pipeline.Vectors{Dim: dim, Data: make([]float32, dim*len(texts))}
		return v, nil
	}), 10*(4*2+proofMost+keptBeside))
	for _, want := range []struct{ dim, known int }{{2, 3}, {300, 3}, {10_000, 0}, {2, 3}} {
		dim = want.dim
		texts := []string{fmt.Sprint("a", dim), fmt.Sprint("b", dim), fmt.Sprint("c", dim)}
		v, err := once.Embed(t.Context(), texts)
		if err != nil || v.Len() != 3 || v.Dim != dim {
			t.Fatalf("%d vectors of %d numbers, %v", v.Len(), v.Dim, err)
		}
		if len(once.texts) != want.known || len(once.kept.list) != want.known {
			t.Errorf("%d texts are known and %d kept, want %d", len(once.texts), len(once.kept.list), want.known)
		}
	}
}

func BenchmarkOnce(b *testing.B) {
	const n, size = 32, 700
	r := rand.New(rand.NewPCG(1, 2))
	letters := make([]byte, 1<<20)
	for i := range letters {
		letters[i] = byte('a' + r.IntN(26))
	}
	long := string(letters) // any part of it is another text
	texts := make([]string, n)
	v := pipeline.Vectors{Dim: 384, Data: make([]float32, n*384)}
	once := NewOnce(told(func(context.Context, []string) (pipeline.Vectors, error) { return v, nil }), 0)
	next := 0
	b.ReportAllocs()
	for b.Loop() {
		for i := range texts {
			next = (next + 7) % (len(long) - size)
			texts[i] = long[next : next+size]
		}
		if _, err := once.Embed(b.Context(), texts); err != nil {
			b.Fatal(err)
		}
	}
}
