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
// doc + NUL + chunk as eight bytes, big endian. They never change.
func TestPointIDsAreTheSameForEver(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		doc   string
		chunk int
		want  string
	}{
		{"", 0, "33aab763-8063-56ea-883e-f6feec7f2926"},
		{"doc-1", 0, "1eb6014a-30a1-5c08-a366-a37a6ec173fb"},
		{"doc-1", 1, "317469df-54f1-558f-8eff-478b39c871de"},
		{"io.Copy", 0, "a7f86d91-c2c8-53f5-b1e6-c3ba6bfe15ee"},
		{"日本語", 3, "4132b9a3-80fb-55d5-a299-9165b45babaa"},
		{strings.Repeat("a", 500), 127, "091241bb-0627-5ac3-959f-1986d9bf12fb"},
		{"a\x00", 0, "e0b358a4-85fe-5555-a9a3-11a8d0a90755"},
		{"doc-1", 1 << 40, "c9492618-8d2f-5abf-9a90-461ad7644ffb"},
	} {
		if got := pipeline.NewPointID(test.doc, test.chunk).String(); got != test.want {
			t.Errorf("NewPointID(%.20q, %d) = %s, want %s", test.doc, test.chunk, got, test.want)
		}
	}
}

func TestPointIDsAreDistinct(t *testing.T) {
	t.Parallel()
	type key struct {
		doc   string
		chunk int
	}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) key {
			return key{rapid.StringOf(rapid.RuneFrom([]rune{0, 1, 'a', 'é'})).Draw(t, label), rapid.IntRange(0, 300).Draw(t, label)}
		}
		a, b := draw("a"), draw("b")
		if same := pipeline.NewPointID(a.doc, a.chunk) == pipeline.NewPointID(b.doc, b.chunk); same != (a == b) {
			t.Fatalf("%v and %v: same identifier %v", a, b, same)
		}
	})
}

// Not parallel, since the count is that of the whole process.
func TestPointIDsNeedNoMemory(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { pipeline.NewPointID("corpus/document-000000001", 7) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
