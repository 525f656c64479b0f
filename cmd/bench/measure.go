package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// sampleEvery is often enough for a curve, and too seldom to cost anything.
const sampleEvery = 50 * time.Millisecond

// measurement is one process, from its start to its end.
type measurement struct {
	Seconds float64  `json:"seconds"`
	User    float64  `json:"user_seconds"`
	System  float64  `json:"system_seconds"`
	Peak    int64    `json:"peak_rss_bytes"`
	Others  float64  `json:"servers_cpu_seconds"` // of the endpoint and of Qdrant
	Asked   int64    `json:"embedding_requests"`  // that the endpoint got
	Refused int64    `json:"refused_requests,omitempty"`
	Samples []sample `json:"-"`
}

// sample is what was seen at one moment of a run.
type sample struct {
	Seconds   float64 `json:"seconds"`
	Documents int64   `json:"documents"` // read so far, where that can be seen
	RSS       int64   `json:"rss_bytes"`
	Anon      int64   `json:"anonymous_bytes"`
}

// measure runs a program to its end and watches it. corpus is the file that
// it reads and documents their number.
func measure(ctx context.Context, stderr io.Writer, corpus string, documents int, name string, args ...string) (measurement, []byte, error) {
	info, err := os.Stat(corpus)
	if err != nil {
		return measurement{}, nil, err
	}
	if corpus, err = filepath.EvalSymlinks(corpus); err != nil {
		return measurement{}, nil, err
	}
	if corpus, err = filepath.Abs(corpus); err != nil {
		return measurement{}, nil, err
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // the program that the caller wants measured
	cmd.Stdout, cmd.Stderr = &out, stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return measurement{}, nil, err
	}
	var m measurement
	watching, cancel := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		ticker := time.NewTicker(sampleEvery)
		defer ticker.Stop()
		for {
			now := memoryOf(cmd.Process.Pid)
			if now.rss > 0 { // a process that has ended has none
				at, open := positionIn(cmd.Process.Pid, corpus)
				m.see(now, time.Since(start), float64(at)/float64(info.Size()), open, documents)
			}
			select {
			case <-ticker.C:
			case <-watching.Done():
				return
			}
		}
	})
	err = cmd.Wait()
	m.Seconds = time.Since(start).Seconds()
	cancel()
	watch.Wait()
	m.User, m.System = cmd.ProcessState.UserTime().Seconds(), cmd.ProcessState.SystemTime().Seconds()
	if err != nil {
		return m, nil, fmt.Errorf("%s %q: %w", name, args, errors.Join(ctx.Err(), err))
	}
	return m, out.Bytes(), nil
}

// see adds a sample. share is how much of the corpus was read while it is
// open; once it is closed, all of it was.
func (m *measurement) see(now memory, after time.Duration, share float64, open bool, documents int) {
	s := sample{Seconds: after.Seconds(), RSS: now.rss, Anon: now.anon}
	switch {
	case open:
		s.Documents = int64(float64(documents) * share)
	case len(m.Samples) > 0 && m.Samples[len(m.Samples)-1].Documents > 0:
		s.Documents = int64(documents)
	}
	m.Samples, m.Peak = append(m.Samples, s), max(m.Peak, now.peak)
}
