package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
)

// bench is what all measurements of one call share.
type bench struct {
	vecload string // the program
	folder  string // for corpora, which are kept, and indexes, which are not
	stderr  io.Writer
}

// newBench makes the folder, and finds out which vecload it is.
func newBench(ctx context.Context, vecload, folder string, stderr io.Writer) (bench, machine, error) {
	version, err := versionOf(ctx, vecload)
	if err != nil {
		return bench{}, machine{}, fmt.Errorf("%w; make build makes the program", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return bench{}, machine{}, err
	}
	return bench{vecload: vecload, folder: folder, stderr: stderr}, thisMachine(version), nil
}

// run makes one measurement, and checks that the program did all its work.
func (b bench) run(ctx context.Context, s scenario, p program) (m measurement, err error) {
	file, err := s.Corpus.ensure(b.folder)
	if err != nil {
		return m, err
	}
	work, err := os.MkdirTemp(b.folder, "run-")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	self, err := os.Executable()
	if err != nil {
		return m, err
	}
	servers, err := b.startServers(ctx, s)
	if err != nil {
		return m, err
	}
	if s.Again != "" {
		if servers, err = b.fill(ctx, s, servers, work); err != nil {
			_, stopped := servers.stop()
			return m, errors.Join(err, stopped)
		}
	}
	name, args := b.vecload, s.vecloadArgs(file, servers, work)
	if p != vecload {
		name, args = self, p.args(s, file, servers)
	}
	m, out, failed := measure(ctx, b.stderr, file, s.Corpus.Documents, name, args...)
	told, stopped := servers.stop()
	if err := errors.Join(failed, stopped); err != nil {
		return m, err
	}
	m.Others, m.Asked, m.Refused = told.cpu, told.Requests, told.Refused
	if p.isBare() {
		if err := m.bareOnly(out); err != nil {
			return m, err
		}
	}
	return m, s.check(p, out, told)
}

// servers are the other processes of a measurement; those that it does not
// need are nil.
type servers struct{ endpoint, qdrant *helper }

func (b bench) startServers(ctx context.Context, s scenario) (out servers, err error) {
	if s.Protocol != "builtin" {
		if out.endpoint, err = b.startEndpoint(ctx, s); err != nil {
			return out, err
		}
	}
	if s.Index == "qdrant" {
		if out.qdrant, err = startHelper(ctx, b.stderr, "qdrant", "-keep="+strconv.FormatBool(s.Again != "")); err != nil {
			_, stopped := out.stop()
			return out, errors.Join(err, stopped)
		}
	}
	return out, nil
}

func (b bench) startEndpoint(ctx context.Context, s scenario) (*helper, error) {
	return startHelper(ctx, b.stderr, "endpoint", "-dim", strconv.Itoa(s.Dim), "-latency", s.Latency.String(),
		"-limit", strconv.Itoa(s.Limit), "-max-batch", strconv.Itoa(s.MaxBatch))
}

// stop ends the servers and returns what they did together.
func (s servers) stop() (told served, err error) {
	for _, server := range []*helper{s.endpoint, s.qdrant} {
		if server == nil {
			continue
		}
		one, stopped := server.stop()
		err = errors.Join(err, stopped)
		told.Requests += one.Requests
		told.Texts += one.Texts
		told.Points += one.Points
		told.cpu += one.cpu
	}
	return told, err
}

// report is what the program says of its work: of a run, a plan or a
// verification, which have some of it each.
type report struct {
	Read      int  `json:"read"`
	Written   int  `json:"written"`
	Unchanged int  `json:"unchanged"`
	Changed   int  `json:"changed"`
	Documents int  `json:"documents"`
	Agrees    bool `json:"agrees"`
}

// check compares what the program says with what the servers saw.
func (s scenario) check(p program, out []byte, told served) error {
	var report report
	if err := json.Unmarshal(out, &report); err != nil {
		return fmt.Errorf("case %s: the program's report cannot be read: %w", s.Name, err)
	}
	if s.Again != "" {
		return s.checkAgain(report, told)
	}
	want := s.Corpus.Documents
	texts, points := int64(want), int64(want)
	if p == bareRequests {
		points = 0
	}
	if p == bareUpserts {
		texts = 0
	}
	switch {
	case report.Written != want:
		return fmt.Errorf("case %s: %d of %d documents were written", s.Name, report.Written, want)
	case s.Protocol != "builtin" && told.Texts < texts:
		return fmt.Errorf("case %s: the endpoint embedded %d texts of %d", s.Name, told.Texts, texts)
	case s.ChunkTokens > 0 && s.Index == "qdrant" && told.Points <= int64(want):
		return fmt.Errorf("case %s: Qdrant was sent %d points of %d documents, which are more chunks", s.Name, told.Points, want)
	case s.ChunkTokens == 0 && s.Index == "qdrant" && told.Points != points:
		return fmt.Errorf("case %s: Qdrant was sent %d points of %d", s.Name, told.Points, points)
	}
	return nil
}
