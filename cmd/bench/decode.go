package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// decoding is how fast the functions that read vectors from answers are, in
// MB of the answer by second of CPU time: 32 × 384 numbers as Hugging Face
// prints them, and base64. Their own benchmarks tell by the clock, which goes
// on while others have the processor.
type decoding struct {
	JSON       float64   `json:"json_mb_per_cpu_second,omitempty"`
	Base64     float64   `json:"base64_mb_per_cpu_second,omitempty"`
	JSONRuns   []float64 `json:"json_runs,omitempty"`
	Base64Runs []float64 `json:"base64_runs,omitempty"`
}

// decoders is the package of these functions, whose own benchmarks are run,
// since no other part of the program may import it.
const decoders = "./pipeline/embedders/internal/vectors"

// measureDecoding runs the benchmarks n times. Outside of the source tree
// there are none to run.
func measureDecoding(ctx context.Context, folder string, n int) (d decoding, err error) {
	if _, err := os.Stat(decoders); err != nil {
		return d, fs.ErrNotExist
	}
	binary := filepath.Join(folder, "decoders.test")
	out, err := exec.CommandContext(ctx, "go", "test", "-c", "-o", binary, decoders).CombinedOutput() //nolint:gosec // our own test
	if err != nil {
		return d, fmt.Errorf("build the benchmarks of decoding: %w\n%s", err, out)
	}
	defer func() { err = errors.Join(err, os.Remove(binary)) }()
	for range n {
		// About as many times as are done in a second.
		json, err := decodingSpeed(ctx, binary, "Nested", 4000)
		if err != nil {
			return d, err
		}
		base64, err := decodingSpeed(ctx, binary, "Base64", 300_000)
		if err != nil {
			return d, err
		}
		d.JSONRuns, d.Base64Runs = append(d.JSONRuns, json), append(d.Base64Runs, base64)
	}
	d.JSON, d.Base64 = median(slices.Clone(d.JSONRuns)), median(slices.Clone(d.Base64Runs))
	return d, nil
}

// decodingSpeed runs one benchmark so many times, on one processor.
func decodingSpeed(ctx context.Context, binary, name string, times int) (float64, error) {
	cmd := exec.CommandContext(ctx, binary, "-test.run", "^$", "-test.bench", "^Benchmark"+name+"$", //nolint:gosec // our own test
		"-test.cpu", "1", "-test.benchtime", strconv.Itoa(times)+"x")
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("measure decoding: %w\n%s", err, out)
	}
	each, err := bytesOf(out)
	if err != nil {
		return 0, err
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return each * float64(times) / cpu.Seconds() / 1e6, nil
}

// bytesOf returns how many bytes a benchmark decoded at a time, from what it
// prints: nanoseconds for them, and MB a second.
func bytesOf(out []byte) (float64, error) {
	found := regexp.MustCompile(`(?m)^Benchmark\S+\s.*?\s([0-9.]+) ns/op\s+([0-9.]+) MB/s`).FindSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("a benchmark of decoding said nothing of MB/s:\n%s", out)
	}
	took, err1 := strconv.ParseFloat(string(found[1]), 64)
	speed, err2 := strconv.ParseFloat(string(found[2]), 64)
	return took * speed / 1e3, errors.Join(err1, err2)
}
