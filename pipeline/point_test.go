package pipeline_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vecload/vecload/pipeline"
)

// The identifiers were computed apart, by uuid.uuid5 of Python over the
// namespace 1903d999-c3ec-5ce7-b8bb-8e16e439ee8b, which is itself uuid5 of
// "https://github.com/vecload/vecload" in NAMESPACE_URL, and the name
// vector + NUL + doc + NUL + chunk as eight bytes, big endian. They never change.
func TestPointIDsAreTheSameForEver(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		vector, doc string
		chunk       int
		want        string
	}{
		{"text", "", 0, "256a837e-40c5-5ca3-b496-19a2cf40cb49"},
		{"text", "doc-1", 0, "9e80cf8f-9868-57e4-b917-99bde6d185a4"},
		{"text", "doc-1", 1, "a0dc1cd1-5a9b-56f1-9704-c6836440fff4"},
		{"image", "doc-1", 0, "04ed3fa9-477a-504b-8d32-17e1700db89a"},
		{"text", "io.Copy", 0, "a59169ce-f157-5f66-b19a-0fea78e2a9ce"},
		{"text", "日本語", 3, "9d19735a-39f9-57d7-8ba0-72df580d0e7b"},
		{"text", strings.Repeat("a", 500), 127, "49d0a825-871c-5b67-a073-16eb08c5d251"},
		{"text", "a\x00", 0, "71132981-193e-5874-b255-4154f8f039c4"},
		{"text", "doc-1", 1 << 40, "dc08fce9-f454-51dc-8e2f-a91fadcb9059"},
	} {
		if got := pipeline.NewPointID(test.vector, test.doc, test.chunk).String(); got != test.want {
			t.Errorf("NewPointID(%q, %.20q, %d) = %s, want %s", test.vector, test.doc, test.chunk, got, test.want)
		}
	}
}

func TestPointIDsAreDistinct(t *testing.T) {
	t.Parallel()
	type key struct {
		vector, doc string
		chunk       int
	}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) key {
			return key{rapid.StringOf(rapid.RuneFrom([]rune{1, 'a'})).Draw(t, label), rapid.StringOf(rapid.RuneFrom([]rune{0, 1, 'a', 'é'})).Draw(t, label), rapid.IntRange(0, 300).Draw(t, label)}
		}
		a, b := draw("a"), draw("b")
		if same := pipeline.NewPointID(a.vector, a.doc, a.chunk) == pipeline.NewPointID(b.vector, b.doc, b.chunk); same != (a == b) {
			t.Fatalf("%v and %v: same identifier %v", a, b, same)
		}
	})
}

// Not parallel, since the count is that of the whole process.
func TestPointIDsNeedNoMemory(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { pipeline.NewPointID("text", "corpus/document-000000001", 7) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
