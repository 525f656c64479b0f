package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestMedianIsTheMiddle(t *testing.T) {
	t.Parallel()
	tests := []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{3}, 3},
		{[]float64{9, 1, 2}, 2},
		{[]float64{9, 1, 2, 4}, 3},
	}
	for _, tt := range tests {
		if got := median(tt.values); got != tt.want {
			t.Errorf("median of %v is %g, want %g", tt.values, got, tt.want)
		}
	}
}

func TestResultsAreRatesOfMedians(t *testing.T) {
	t.Parallel()
	r := result{
		Scenario: scenario{Corpus: corpus{Documents: 2000}, Batch: 32, InFlight: 16, Latency: 50 * time.Millisecond},
		Runs: []measurement{
			{Seconds: 1, User: 0.1, System: 0.1, Peak: 30},
			{Seconds: 4, User: 0.6, System: 0.4, Peak: 10},
			{Seconds: 2, User: 0.2, System: 0.2, Peak: 20},
		},
	}
	r.summarise()
	if r.Rate != 1000 || r.CPU != 200 || r.Peak != 20 {
		t.Errorf("%g docs/s, %g CPU s/million, peak %d; want 1000, 200, 20", r.Rate, r.CPU, r.Peak)
	}
	if want := 1000.0 / (16 * 32 / 0.05); r.Busy != want {
		t.Errorf("share of the limit %g, want %g", r.Busy, want)
	}
}

func TestTheTableComparesWithTheOtherPrograms(t *testing.T) {
	t.Parallel()
	s := scenario{Name: "case", Corpus: corpus{Documents: 1000, Words: 100, Format: "jsonl"}, Protocol: "tei", Index: "qdrant"}
	all := results{Cases: []result{
		{Program: vecload, Scenario: s, Rate: 300, CPU: 20},
		{Program: plainProgram, Scenario: s, Rate: 100, CPU: 80},
		{Program: bareWhole, Scenario: s, Rate: 400, CPU: 10},
	}}
	var out strings.Builder
	if err := all.table(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| 3.00     | 4.00  | 75 %    |", "|          |       | 25 %    |", "| 4.00     | 8.00  |         |"} {
		if got := out.String(); !strings.Contains(got, want) {
			t.Errorf("want %s in\n%s", want, got)
		}
	}
}

func TestFlagsChooseCasesAndSizes(t *testing.T) {
	t.Parallel()
	var c choice
	if err := c.parse([]string{"-case", "json-qdrant,gzip", "-docs", "7", "-dim", "768", "-words", "12"}); err != nil {
		t.Fatal(err)
	}
	got, err := c.chosen()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Name != "json-qdrant" || got[1].Name != "gzip" {
		t.Fatalf("chose %v", got)
	}
	for _, s := range got {
		if s.Corpus.Documents != 7 || s.Corpus.Words != 12 || s.Dim != 768 || s.Batch != 32 {
			t.Errorf("%s: %+v", s.Name, s)
		}
	}
	if got[1].Corpus.Format != "jsonl.gz" || got[1].plain {
		t.Errorf("gzip is %+v", got[1])
	}
	if c.only = "nothing"; len(c.only) > 0 {
		if got, err := c.chosen(); err == nil {
			t.Errorf("an unknown case chose %v", got)
		}
	}
}

func TestMemoryIsReadFromTheKernelsLines(t *testing.T) {
	t.Parallel()
	const status = "Name:\tvecload\nVmHWM:\t  2048 kB\nVmRSS:\t    1024 kB\nRssAnon:\t x kB\n"
	for name, want := range map[string]int64{"VmHWM": 2 << 20, "VmRSS": 1 << 20, "RssAnon": 0, "RssFile": 0} {
		if got := kilobytes([]byte(status), name); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}

func TestThinKeepsThePeaks(t *testing.T) {
	t.Parallel()
	var samples []sample
	for i := range 1000 {
		samples = append(samples, sample{Documents: int64(i), RSS: int64(100 + i%10)})
	}
	samples[437].RSS = 999
	got := thin(samples, 50)
	if len(got) != 50 {
		t.Fatalf("%d samples, want 50", len(got))
	}
	peak, last := int64(0), int64(-1)
	for _, s := range got {
		peak = max(peak, s.RSS)
		if s.Documents <= last {
			t.Errorf("sample %d comes after %d", s.Documents, last)
		}
		last = s.Documents
	}
	if peak != 999 {
		t.Errorf("peak %d, want 999", peak)
	}
}

func TestTheChartIsWellFormedAndHoldsItsCurves(t *testing.T) {
	t.Parallel()
	c := curve{
		Scenario: scenario{Index: "<qdrant>", Corpus: corpus{Documents: 1000}}, Peak: 60e6,
		Points: []sample{{Documents: 0, RSS: 0}, {Documents: 1000, RSS: 100e6}},
	}
	c.Peak = 100e6
	drawing := drawChart([]curve{c, c})
	if want := `points="60.0,290.0 720.0,40.0"`; strings.Count(drawing, want) != 2 {
		t.Errorf("the chart does not hold %s twice:\n%s", want, drawing)
	}
	decoder := xml.NewDecoder(strings.NewReader(drawing))
	for {
		if _, err := decoder.Token(); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			return
		}
	}
}

func TestMemoryAtAShareIsTheMedianBeforeIt(t *testing.T) {
	t.Parallel()
	c := curve{Scenario: scenario{Corpus: corpus{Documents: 100}}, Points: []sample{
		{Documents: 10, RSS: 1}, {Documents: 46, RSS: 5}, {Documents: 48, RSS: 7}, {Documents: 50, RSS: 9}, {Documents: 51, RSS: 99},
	}}
	if got := c.at(0.5); got != 7 {
		t.Errorf("at the half: %d, want 7", got)
	}
}

func TestSamplesKnowHowMuchWasRead(t *testing.T) {
	t.Parallel()
	var m measurement
	m.see(memory{rss: 1, peak: 5}, time.Second, 0, false, 1000)
	m.see(memory{rss: 2, peak: 9}, 2*time.Second, 0.25, true, 1000)
	m.see(memory{rss: 3, peak: 9}, 3*time.Second, 0, false, 1000) // the file is closed
	for i, want := range []int64{0, 250, 1000} {
		if got := m.Samples[i]; got.Documents != want || got.RSS != int64(i+1) {
			t.Errorf("sample %d: %+v, want %d documents", i, got, want)
		}
	}
	if m.Peak != 9 {
		t.Errorf("peak %d, want 9", m.Peak)
	}
}
