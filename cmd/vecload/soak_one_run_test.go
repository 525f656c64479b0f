package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// childSample is what a child process holds at one moment.
type childSample struct {
	at      time.Duration
	read    int64 // documents given to it
	memory  int64 // resident, bytes
	files   int
	threads int64
}

func sampleChild(pid int) childSample {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	number := func(name string) int64 {
		for line := range strings.Lines(string(status)) {
			if value, ok := strings.CutPrefix(line, name+":"); ok {
				n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
				return n
			}
		}
		return 0
	}
	return childSample{memory: number("VmRSS") << 10, files: openFiles(pid), threads: number("Threads")}
}

// TestOneLongRunOutlivesFaults feeds a child process documents through a pipe,
// 250 a second, while storms pass over its endpoint and its Qdrant. It has to
// write every one of them, and hold no more in the end than in the beginning.
func TestOneLongRunOutlivesFaults(t *testing.T) {
	t.Parallel()
	const pace, lot = 100 * time.Millisecond, 25
	long, seed := max(*soak, 2*time.Second), uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	w := newWeather(t, 3*time.Second)
	dir := t.TempDir()
	command := exec.Command("vecload", "run", "-", "--id", "id", "--text", "text", "--model", "org/name",
		"--tei", "http://"+w.endpoint.addr, "--qdrant", "http://"+w.index.addr, "--collection", "docs",
		"--timeout", "5s", "--quiet", "--json", "--rejects", filepath.Join(dir, "rejects.jsonl"))
	command.Dir = dir
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	corpus, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var fed int64
	feed := func() {
		var lines strings.Builder
		for range lot {
			fmt.Fprintf(&lines, "{\"id\":\"d%d\",\"text\":\"the text of document %d, %s\"}\n", fed, fed, strings.Repeat("word ", int(fed%50)))
			fed++
		}
		if _, err := io.WriteString(corpus, lines.String()); err != nil {
			t.Errorf("after %d documents: %v", fed, err)
		}
	}

	var samples []childSample
	over := func() {}
	began, sampled, storm := time.Now(), time.Time{}, time.Now().Add(time.Second)
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for now := began; now.Sub(began) < long && !t.Failed(); now = <-tick.C {
		feed()
		if now.After(storm) {
			over()
			over = w.storm(t, r)
			storm = now.Add(time.Duration(2+r.IntN(8)) * time.Second)
		}
		if now.Sub(sampled) >= long/40 {
			s := sampleChild(command.Process.Pid)
			s.at, s.read, sampled = now.Sub(began), fed, now
			samples = append(samples, s)
		}
	}
	over()
	_ = corpus.Close()
	if err := command.Wait(); err != nil {
		t.Fatalf("seed %d: %v\n%s\n%s", seed, err, stdout.String(), stderr.String())
	}
	var report runReport
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	if report.Read != fed || report.Written != fed || w.qdrant.Points("docs") != int(fed) {
		t.Errorf("seed %d: %d documents given, %d read, %d written, %d points in the index", seed, fed, report.Read, report.Written, w.qdrant.Points("docs"))
	}
	t.Logf("%d documents, %d requests, %d repeated", fed, report.Requests, report.Retries)
	for i := 0; i < len(samples); i += max(1, len(samples)/10) {
		s := samples[i]
		t.Logf("%8s  %7d read  %3d files  %3d threads  %5.1f MB", s.at.Round(time.Second), s.read, s.files, s.threads, float64(s.memory)/1e6)
	}
	// Half-way all that is made once has been made.
	half, last := samples[len(samples)/2], samples[len(samples)-1]
	if limit := half.memory + half.memory/4 + 40*(last.read-half.read); last.memory > limit && *soak > 0 {
		t.Errorf("%d bytes half-way, %d in the end", half.memory, last.memory)
	}
	if last.files > half.files+16 {
		t.Errorf("%d open files half-way, %d in the end", half.files, last.files)
	}
}
