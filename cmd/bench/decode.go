package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"strconv"
)

// decoding is how fast the functions that read vectors from answers are, in
// MB/s of the answer on one core: 32 × 384 numbers as Hugging Face prints
// them, and base64.
type decoding struct {
	JSON       float64   `json:"json_mb_per_second,omitempty"`
	Base64     float64   `json:"base64_mb_per_second,omitempty"`
	JSONRuns   []float64 `json:"json_runs,omitempty"`
	Base64Runs []float64 `json:"base64_runs,omitempty"`
}

// decoders is the package of these functions, whose own benchmarks are run,
// since no other part of the program may import it.
const decoders = "./pipeline/embedders/internal/vectors"

// measureDecoding runs the benchmarks n times. Outside of the source tree
// there are none to run.
func measureDecoding(ctx context.Context, n int) (d decoding, err error) {
	if _, err := os.Stat(decoders); err != nil {
		return d, fs.ErrNotExist
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^Benchmark(Nested|Base64)$", //nolint:gosec // our own test
		"-cpu", "1", "-count", strconv.Itoa(n), decoders)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return d, fmt.Errorf("measure decoding: %w\n%s", err, out)
	}
	return decodingIn(out)
}

// decodingIn reads what go test prints of benchmarks.
func decodingIn(out []byte) (d decoding, err error) {
	line := regexp.MustCompile(`(?m)^Benchmark(Nested|Base64)(?:-\d+)?\s.*\s([0-9.]+) MB/s`)
	for _, found := range line.FindAllSubmatch(out, -1) {
		speed, err := strconv.ParseFloat(string(found[2]), 64)
		if err != nil {
			return d, err
		}
		if string(found[1]) == "Nested" {
			d.JSONRuns = append(d.JSONRuns, speed)
		} else {
			d.Base64Runs = append(d.Base64Runs, speed)
		}
	}
	if len(d.JSONRuns) == 0 || len(d.Base64Runs) == 0 {
		return d, fmt.Errorf("the benchmarks of decoding said nothing of MB/s:\n%s", out)
	}
	d.JSON, d.Base64 = median(append([]float64(nil), d.JSONRuns...)), median(append([]float64(nil), d.Base64Runs...))
	return d, nil
}
