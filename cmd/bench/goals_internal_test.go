package main

import (
	"os"
	"path/filepath"
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

func TestTheBytesOfABenchmarkAreReadFromWhatItPrints(t *testing.T) {
	t.Parallel()
	const head, line = "goos: linux\ncpu: x\n", "BenchmarkNested-2   \t    2000\t    500000 ns/op\t 471.50 MB/s\t        20.8 B/number\nPASS\n"
	if got, err := bytesOf([]byte(head + line)); err != nil || got != 235_750 {
		t.Errorf("%g bytes, %v; want 235750", got, err)
	}
	for _, out := range []string{head + "PASS\n", head + "BenchmarkNested 2000 500000 ns/op\n", ""} {
		if got, err := bytesOf([]byte(out)); err == nil {
			t.Errorf("%q: %g bytes", out, got)
		}
	}
}

func TestDecodingIsMeasuredByBenchmarksThatThereAre(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// This very program has such benchmarks too, and is built already.
	if speed, err := decodingSpeed(t.Context(), program, "BareDecode", 1); err != nil || speed <= 0 {
		t.Errorf("%g MB/s, %v", speed, err)
	}
	if speed, err := decodingSpeed(t.Context(), program, "Nothing", 1); err == nil {
		t.Errorf("a benchmark that there is none of: %g MB/s", speed)
	}
	source, err := os.ReadFile(filepath.Join("..", "..", decoders, "bench_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Nested", "Base64"} {
		if !strings.Contains(string(source), "func Benchmark"+name+"(") {
			t.Errorf("the decoders have no benchmark %s", name)
		}
	}
}
