package pipeline

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAGroupIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	g := newGroups(1000)
	document := func(size int) (*tracked, []Chunk) {
		doc := &tracked{Document: Document{Image: Image{Data: strings.Repeat("x", size)}}}
		return doc, []Chunk{{Doc: &doc.Document, Image: true, Count: 1}}
	}
	for _, sizes := range [][]int{{groupBytes / 2, groupBytes / 2}, {groupBytes + 1}, {1}} {
		for _, size := range sizes {
			doc, chunks := document(size)
			if err := g.add(t.Context(), doc, chunks); err != nil {
				t.Fatal(err)
			}
		}
		if sizes[0] == 1 {
			g.end() // it is not full
		}
		got, ok, err := g.take(t.Context())
		if !ok || err != nil || len(got.docs) != len(sizes) {
			t.Errorf("a group of %d documents, %v, %v; want %d", len(got.docs), ok, err, len(sizes))
		}
	}
	if _, ok, err := g.take(t.Context()); ok || err != nil {
		t.Errorf("a group after the end, %v", err)
	}
}

func TestAGroupThatIsNotFullLeavesAfterAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGroups(1000)
		start := time.Now()
		taken := make(chan int)
		go func() {
			got, _, _ := g.take(t.Context())
			taken <- len(got.docs)
		}()
		synctest.Wait()
		doc := &tracked{}
		if err := g.add(t.Context(), doc, []Chunk{{Doc: &doc.Document, Text: "a", Count: 1}}); err != nil {
			t.Fatal(err)
		}
		if n, took := <-taken, time.Since(start); n != 1 || took != flushAfter {
			t.Errorf("%d documents after %v", n, took)
		}
	})
}

func TestAGroupIsUsedAgainWithNothingInIt(t *testing.T) {
	t.Parallel()
	g := newGroups(2)
	fill := func(chunks int) group {
		doc := &tracked{}
		if err := g.add(t.Context(), doc, make([]Chunk, chunks)); err != nil {
			t.Fatal(err)
		}
		got, ok, err := g.take(t.Context())
		if !ok || err != nil || len(got.docs) != 1 || got.docs[0] != doc || len(got.chunks) != chunks || got.bytes != 0 {
			t.Fatalf("a group of %d documents and %d chunks, %v, %v", len(got.docs), len(got.chunks), ok, err)
		}
		return got
	}
	used := fill(2)
	used.bytes = groupBytes
	g.recycle(used)
	if used.docs[0] != nil {
		t.Error("a document is kept that nobody needs")
	}
	if again := fill(2); &again.chunks[0] != &used.chunks[0] {
		t.Error("the room of the group was not used again")
	}
	g.recycle(fill(100))
	if len(g.free) != 0 {
		t.Error("the room of a very large document is kept")
	}
}
