package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestMemoryIsMeasuredOfWhatTheFlagsSay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		indexes, sizes string
		large, wide    bool
		want           int
	}{
		{"qdrant,sqlite", "10,20,30", false, false, 6},
		{"qdrant", "10", false, false, 1},
		{"sqlite", "10,20", true, false, 4}, // two formats, as they are and in chunks
		{"qdrant", "10", false, true, 3},
		{"redis", "10", false, false, 0},
		{"qdrant", "many", false, false, 0},
	} {
		cases, err := memoryCases(tt.indexes, tt.sizes, tt.large, tt.wide)
		if len(cases) != tt.want || (err != nil) != (tt.want == 0) {
			t.Errorf("%+v: %d cases (%v)", tt, len(cases), err)
		}
		for _, s := range cases {
			args := s.vecloadArgs("corpus", servers{endpoint: &helper{}, qdrant: &helper{}}, "work")
			if slices.Contains(args, "--chunk-tokens") != (s.ChunkTokens > 0) || (s.Corpus.Words == largeWords) != tt.large {
				t.Errorf("%+v: %+v is measured by %q", tt, s, args)
			}
		}
	}
}

func TestALargeDocumentHasTenMegabytes(t *testing.T) {
	t.Parallel()
	c := corpus{Documents: 1, Words: largeWords}
	if n := len(c.document(0, strings.Fields(vocabulary)).text); n < 9_500_000 || n > 10_500_000 {
		t.Errorf("it has %d bytes", n)
	}
	if pages, group := c.within(pageWords, 1024), c.within(groupWords, rowGroup); pages != 1 || group < 2 || group > 10 {
		t.Errorf("a page holds %d of them and a row group %d", pages, group)
	}
	if c.Words = 100; c.within(groupWords, rowGroup) != rowGroup {
		t.Errorf("a row group holds %d documents of 100 words", c.within(groupWords, rowGroup))
	}
}

func TestChunksAreCountedAsWhatTheyAre(t *testing.T) {
	t.Parallel()
	s := scenario{Name: "x", Protocol: "huggingface", Index: "qdrant", ChunkTokens: 256, Corpus: corpus{Documents: 10}}
	for points, ok := range map[int64]bool{10: false, 9: false, 11: true, 90000: true} {
		if err := s.check(vecload, []byte(`{"written":10}`), served{Texts: 90000, Points: points}); (err == nil) != ok {
			t.Errorf("%d points: %v", points, err)
		}
	}
}

func TestRunsThatWereMeasuredApartAreDrawnTogether(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files []string
	for _, index := range []string{"qdrant", "sqlite"} {
		name := filepath.Join(dir, index+".json")
		if err := saveJSON(name, growth{Curves: []curve{{
			Scenario: scenario{Index: index, Corpus: corpus{Documents: 10}}, Peak: 1e6, Points: []sample{{Documents: 10, RSS: 1e6}},
		}}}); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	chart, out := filepath.Join(dir, "chart.svg"), &strings.Builder{}
	if err := runMemory(t.Context(), []string{"-from", strings.Join(files, ","), "-chart", chart}, out, out); err != nil {
		t.Fatal(err)
	}
	drawn, err := os.ReadFile(chart)
	if err != nil {
		t.Fatal(err)
	}
	for _, index := range []string{"qdrant", "sqlite"} {
		if !strings.Contains(string(drawn), "resident memory, "+index) || !strings.Contains(out.String(), "| "+index+" | 10 |") {
			t.Errorf("%s is missing in\n%s\n%s", index, drawn, out)
		}
	}
}
