package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheCostOfADocumentIsWithoutTheStart(t *testing.T) {
	t.Parallel()
	of := func(index string, documents int, cpu float64) result {
		return result{Program: vecload, Scenario: scenario{Index: index, Corpus: corpus{Documents: documents}}, CPU: cpu, Rate: 7, Peak: 9e6}
	}
	all := scaling{
		Starts: []result{of("qdrant", 1, 50_000), of("sqlite", 1, 30_000)}, // 50 and 30 ms
		Sizes:  []result{of("qdrant", 10_001, 15), of("qdrant", 1_000_001, 10), of("sqlite", 10_001, 43), of("other", 10, 5)},
	}
	for i, want := range []float64{10.0015, 9.95001, 40.0043, 5} {
		if got := all.each(all.Sizes[i]); got < want-1e-6 || got > want+1e-6 {
			t.Errorf("%d: %g µs, want %g", i, got, want)
		}
	}
	dir := t.TempDir()
	file, chart := filepath.Join(dir, "scale.json"), filepath.Join(dir, "scale.svg")
	if err := saveJSON(file, all); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := runScale(t.Context(), []string{"-from", file, "-chart", chart}, &out, &out); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(strings.Fields(out.String()), " "); !strings.Contains(got, "| qdrant | 10001 | 7 | 15.0 | 10.0 | 9 |") {
		t.Errorf("printed\n%s", out.String())
	}
	drawn := wellFormed(t, chart)
	for _, want := range []string{">qdrant<", ">sqlite<", ">10,000<", ">1 million<"} {
		if !strings.Contains(drawn, want) {
			t.Errorf("%s is missing in\n%s", want, drawn)
		}
	}
}

// wellFormed returns a file of XML.
func wellFormed(t *testing.T, name string) string {
	t.Helper()
	drawn, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for decoder := xml.NewDecoder(strings.NewReader(string(drawn))); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return string(drawn)
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestSizesBeginWithOneDocument(t *testing.T) {
	t.Parallel()
	cases, err := scaleCases("qdrant,sqlite", "10,200", 12)
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, s := range cases {
		got = append(got, s.Corpus.Documents)
	}
	if want := []int{1, 10, 200, 1, 10, 200}; len(got) != len(want) || got[0] != 1 || got[3] != 1 || got[5] != 200 {
		t.Errorf("%v documents, want %v", got, want)
	}
	for _, wrong := range [][2]string{{"redis", "10"}, {"qdrant", "many"}, {"qdrant", "1"}} {
		if cases, err := scaleCases(wrong[0], wrong[1], 12); err == nil {
			t.Errorf("%v: %d cases", wrong, len(cases))
		}
	}
}

func TestCPUTimeIsDrawnFromWhatWasMeasuredBefore(t *testing.T) {
	t.Parallel()
	all := results{}
	for _, name := range []string{"json-qdrant", "base64-qdrant"} {
		for i, p := range []program{vecload, plainProgram, bareWhole} {
			all.Cases = append(all.Cases, result{Program: p, Scenario: scenario{Name: name}, CPU: float64(20 + 10*i), Rate: 1})
		}
	}
	dir := t.TempDir()
	file, chart := filepath.Join(dir, "bench.json"), filepath.Join(dir, "cpu.svg")
	if err := saveJSON(file, all); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := runChart(t.Context(), []string{"-from", file, "-out", chart}, &out); err != nil {
		t.Fatal(err)
	}
	drawn := wellFormed(t, chart)
	for _, want := range []string{">plain<", ">vecload<", ">bare<", ">20.0<", ">30.0<", ">40.0<", "JSON", "base64"} {
		if !strings.Contains(drawn, want) {
			t.Errorf("%s is missing in\n%s", want, drawn)
		}
	}
	if !strings.Contains(out.String(), "json-qdrant") {
		t.Errorf("printed\n%s", out.String())
	}
	all.Cases = all.Cases[:4]
	if _, err := all.drawCPU(); err == nil {
		t.Error("a drawing was made of half of the cases")
	}
}

func TestProgramsThatAreComparedFitTheCase(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]int{
		"json-qdrant": 5, "latency": 2, "builtin-sqlite": 1, "gzip": 1, "limits": 1, "refresh-qdrant": 1,
		"json-qdrant -limit 3": 1, "json-qdrant -max-batch 3": 1, "json-qdrant -format parquet": 1,
	} {
		var c choice
		if err := c.parse(strings.Fields("-case " + args)); err != nil {
			t.Fatal(err)
		}
		cases, err := c.chosen()
		if err != nil || len(cases) != 1 {
			t.Fatalf("%s: %d cases, %v", args, len(cases), err)
		}
		if got := cases[0].programs(); len(got) != want {
			t.Errorf("%s: compared are %q, want %d", args, got, want)
		}
	}
	var c choice
	if err := c.parse(nil); err != nil {
		t.Fatal(err)
	}
	cases, err := c.chosen()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range cases {
		if want := map[bool]int{false: 100_000, true: 200_000}[s.Name == "latency"]; s.Corpus.Documents != want {
			t.Errorf("%s has %d documents, want %d", s.Name, s.Corpus.Documents, want)
		}
	}
}
