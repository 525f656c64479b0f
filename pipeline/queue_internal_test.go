package pipeline

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// weight is a chunk to be.
type weight struct{ tokens, bytes int }

// batches queues chunks of the weights, and returns what is taken meanwhile.
func batches(limits Limits, weights []weight) []Batch {
	q := newQueue(limits, nil)
	go func() {
		defer q.end()
		for i, w := range weights {
			if err := q.add(context.Background(), Chunk{Index: i, Text: strings.Repeat("x", w.bytes)}, w.tokens); err != nil {
				panic(err)
			}
		}
	}()
	var out []Batch
	for {
		batch, ok, err := q.take(context.Background())
		if err != nil {
			panic(err)
		}
		if !ok {
			return out
		}
		out = append(out, batch)
	}
}

func TestTheQueueLosesNothingAndKeepsItsLimits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limits := Limits{
			Texts:  rapid.IntRange(1, 6).Draw(t, "texts"),
			Tokens: rapid.IntRange(0, 20).Draw(t, "tokens"),
			Bytes:  rapid.IntRange(0, 40).Draw(t, "bytes"),
			Window: rapid.IntRange(0, 4).Draw(t, "window"),
		}
		weights := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) weight {
			return weight{rapid.IntRange(0, 25).Draw(t, "tokens of a chunk"), rapid.IntRange(1, 50).Draw(t, "bytes of a chunk")}
		}), 0, 40).Draw(t, "chunks")

		var order []int
		list := batches(limits, weights)
		for n, batch := range list {
			if len(batch.Chunks) == 0 {
				t.Fatalf("batch %d is empty", n)
			}
			tokens, bytes := 0, 0
			for _, chunk := range batch.Chunks {
				order = append(order, chunk.Index)
				tokens, bytes = tokens+weights[chunk.Index].tokens, bytes+weights[chunk.Index].bytes
			}
			if batch.Tokens != tokens {
				t.Fatalf("batch %d says %d tokens, has %d", n, batch.Tokens, tokens)
			}
			fits := func(texts, tokens, bytes int) bool {
				return texts <= limits.Texts && (limits.Tokens == 0 || tokens <= limits.Tokens) && (limits.Bytes == 0 || bytes <= limits.Bytes)
			}
			if !fits(len(batch.Chunks), tokens, bytes) && len(batch.Chunks) > 1 {
				t.Fatalf("batch %d of %d chunks, %d tokens and %d bytes exceeds %+v", n, len(batch.Chunks), tokens, bytes, limits)
			}
			// In the order of the corpus a batch ends only where a limit is
			// reached, or one more chunk would exceed it.
			reached := tokens == limits.Tokens || bytes == limits.Bytes
			if next := len(order); limits.Window <= 1 && next < len(weights) && !reached && fits(len(batch.Chunks)+1, tokens+weights[next].tokens, bytes+weights[next].bytes) {
				t.Fatalf("batch %d ends before chunk %d, which fits", n, next)
			}
		}
		if limits.Window <= 1 && !slices.IsSorted(order) {
			t.Fatalf("the order of the corpus is lost: %v", order)
		}
		slices.Sort(order)
		for i := range order {
			if order[i] != i {
				t.Fatalf("chunk %d is lost or there twice: %v", i, order)
			}
		}
		if len(order) != len(weights) {
			t.Fatalf("%d of %d chunks came out", len(order), len(weights))
		}
	})
}

// filled is a queue that holds chunks of the given numbers of tokens.
func filled(t *testing.T, limits Limits, tokens ...int) *queue {
	t.Helper()
	q := newQueue(limits, nil)
	for i, n := range tokens {
		if err := q.add(t.Context(), Chunk{Index: i}, n); err != nil {
			t.Fatal(err)
		}
	}
	return q
}

// takeTokens takes a batch and returns the tokens of the whole.
func takeTokens(t *testing.T, q *queue) int {
	t.Helper()
	batch, ok, err := q.take(t.Context())
	if !ok || err != nil {
		t.Fatalf("no batch: %v", err)
	}
	return batch.Tokens
}

func TestAWindowPutsTextsOfLikeLengthTogether(t *testing.T) {
	t.Parallel()
	q := filled(t, Limits{Texts: 2, Window: 4}, 5, 90, 7, 80, 6, 100, 8)
	var got []int
	for range 3 {
		got = append(got, takeTokens(t, q))
	}
	q.end()
	got = append(got, takeTokens(t, q))
	if want := []int{190, 88, 13, 5}; !slices.Equal(got, want) {
		t.Errorf("batches of %v tokens, want %v: the longest together, and first", got, want)
	}
}

func TestAFullBatchLeavesAtOnce(t *testing.T) {
	t.Parallel()
	for _, window := range []int{0, 16} {
		q := filled(t, Limits{Texts: 2, Window: window}, 1, 2)
		if got := takeTokens(t, q); got != 3 {
			t.Errorf("window %d: a batch of %d tokens, want 3", window, got)
		}
	}
}

func TestAPartOfABatchLeavesWhenSomebodyIsIdle(t *testing.T) {
	t.Parallel()
	for _, window := range []int{0, 16} {
		synctest.Test(t, func(t *testing.T) {
			q := filled(t, Limits{Texts: 32, Window: window}, 1, 2, 3)
			start := time.Now()
			if got := takeTokens(t, q); got != 6 || time.Since(start) != flushAfter {
				t.Errorf("%d tokens after %s, want 6 after %s", got, time.Since(start), flushAfter)
			}
			// The next part waits for its own time, from its first chunk on.
			time.AfterFunc(time.Minute, func() {
				if err := q.add(t.Context(), Chunk{}, 9); err != nil {
					t.Error(err)
				}
			})
			start = time.Now()
			if got := takeTokens(t, q); got != 9 || time.Since(start) != time.Minute+flushAfter {
				t.Errorf("%d tokens after %s, want 9 after %s", got, time.Since(start), time.Minute+flushAfter)
			}
		})
	}
}

func TestBatchesFollowWhatIsLearned(t *testing.T) {
	t.Parallel()
	most := 4
	q := newQueue(Limits{Texts: 100, Window: 16}, func(texts, tokens, bytes int) (int, int, int) {
		return min(texts, most), tokens, bytes
	})
	for i := range 10 {
		if err := q.add(t.Context(), Chunk{Index: i}, 1); err != nil {
			t.Fatal(err)
		}
	}
	got := []int{takeTokens(t, q), takeTokens(t, q)}
	most = 3
	q.end()
	if got = append(got, takeTokens(t, q)); !slices.Equal(got, []int{4, 4, 2}) {
		t.Errorf("batches of %v texts, want 4, 4, 2", got)
	}
}

func TestWhoWaitsForRoomGoesOnWhenBatchesMayBeLarger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var most atomic.Int64
		most.Store(2)
		q := newQueue(Limits{Texts: 4, Window: 1}, func(_, tokens, bytes int) (int, int, int) {
			return int(most.Load()), tokens, bytes
		})
		start := time.Now()
		go func() {
			defer q.end()
			for range 4 {
				if err := q.add(t.Context(), Chunk{}, 1); err != nil {
					t.Error(err)
				}
			}
		}()
		synctest.Wait() // two texts are a full batch, the third waits for room
		most.Store(4)
		if got, waited := takeTokens(t, q), time.Since(start); got != 4 || waited != 0 {
			t.Errorf("a batch of %d texts after %s, want 4 at once", got, waited)
		}
	})
}

func TestABatchIsNotChangedOnceItLeft(t *testing.T) {
	t.Parallel()
	q := newQueue(Limits{Texts: 2}, nil)
	add := func(texts ...string) {
		for _, text := range texts {
			if err := q.add(t.Context(), Chunk{Text: text}, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	add("a", "b")
	full, ok, err := q.take(t.Context())
	add("c", "d")
	var got []string
	for _, chunk := range full.Chunks {
		got = append(got, chunk.Text)
	}
	if want := []string{"a", "b"}; !ok || err != nil || !slices.Equal(got, want) {
		t.Errorf("first batch %q, %v, want %q", got, err, want)
	}
}

func TestWhoWaitsForTheQueueEndsWithTheContext(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]func(context.Context, *queue) error{
		"for a batch": func(ctx context.Context, q *queue) error {
			_, _, err := q.take(ctx)
			return err
		},
		"for room": func(ctx context.Context, q *queue) error {
			var err error
			for err == nil {
				err = q.add(ctx, Chunk{}, 1)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q := newQueue(Limits{Texts: 1}, nil)
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				defer context.AfterFunc(ctx, q.wakeAll)()
				if err := wait(ctx, q); err != context.DeadlineExceeded { //nolint:errorlint // The cause itself.
					t.Error(err)
				}
			})
		})
	}
}
