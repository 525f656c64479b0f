package main

import (
	"slices"
	"strings"
	"testing"
)

func TestGoalsAreComparedWithWhatWasSeen(t *testing.T) {
	t.Parallel()
	of := func(name, index string, p program, rate, cpu float64, peaks ...int64) result {
		r := result{Program: p, Scenario: scenario{Name: name, Index: index}, Rate: rate, CPU: cpu}
		for _, peak := range peaks {
			r.Runs = append(r.Runs, measurement{Peak: peak})
		}
		return r
	}
	slow := of("latency", "qdrant", vecload, 1, 1, 140e6, 151e6, 10)
	slow.Busy = 0.97
	all := results{
		Cases: []result{
			of("json-qdrant", "qdrant", vecload, 4000, 20, 100e6),
			of("json-qdrant", "qdrant", plainProgram, 1000, 120, 900e6),
			of("json-qdrant", "qdrant", bareWhole, 5001, 1),
			of("base64-qdrant", "qdrant", vecload, 3999, 8.1),
			of("base64-qdrant", "qdrant", plainProgram, 1000, 40),
			of("refresh-sqlite", "sqlite", vecload, 1, 1, 149e6),
			slow,
		},
		Decode: decoding{JSON: 399, Base64: 1000},
	}
	want := map[string]bool{
		"CPU time of plain ÷ vecload, JSON":       true,
		"docs/s of vecload ÷ plain, JSON":         true,
		"share of the bare client's docs/s, JSON": false,
		"CPU time of plain ÷ vecload, base64":     false,
		"docs/s of vecload ÷ plain, base64":       false,
		"share of in flight × batch ÷ latency":    true,
		"peak memory of these runs, qdrant":       false, // of the worst run
		"peak memory of these runs, sqlite":       true,
		"decoding JSON, one core":                 false,
		"decoding base64, one core":               true,
	} // nothing is known of the bare client's share with base64
	goals := all.goals()
	if len(goals) != len(want) {
		t.Errorf("%d goals, want %d: %+v", len(goals), len(want), goals)
	}
	for _, g := range goals {
		if reached, known := want[g.Name]; !known || g.Reached != reached {
			t.Errorf("%+v, want reached %v", g, reached)
		}
	}
	var out strings.Builder
	if err := goalTable(&out, goals); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Count(got, "| yes") != 5 || strings.Count(got, "| no") != 5 || !strings.Contains(got, "< 150 MB") {
		t.Errorf("want five of each in\n%s", got)
	}
	if got := (results{}).goals(); len(got) > 0 {
		t.Errorf("nothing was measured, and %+v is compared", got)
	}
}

func TestDecodingIsReadFromWhatBenchmarksPrint(t *testing.T) {
	t.Parallel()
	const out = `goos: linux
BenchmarkNested   	    2000	    550000 ns/op	 470.50 MB/s	        20.8 B/number
BenchmarkNested   	    2000	    550000 ns/op	 450.00 MB/s	        20.8 B/number
BenchmarkNested   	    2000	    550000 ns/op	 490.00 MB/s	        20.8 B/number
BenchmarkBase64-2 	  200000	      5000 ns/op	1100.25 MB/s
BenchmarkEncodingJSON 	  2	      5000 ns/op	  30.25 MB/s
PASS
`
	d, err := decodingIn([]byte(out))
	if err != nil || d.JSON != 470.5 || !slices.Equal(d.JSONRuns, []float64{470.5, 450, 490}) {
		t.Errorf("%+v, %v", d, err)
	}
	if d.Base64 != 1100.25 {
		t.Errorf("base64: %g", d.Base64)
	}
	if d, err := decodingIn([]byte("PASS\n")); err == nil {
		t.Errorf("no benchmark ran, and decoding is %+v", d)
	}
}
