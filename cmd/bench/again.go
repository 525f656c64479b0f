package main

import (
	"context"
	"errors"
	"fmt"
)

// fill brings the corpus, as it was before documents of it changed, into the
// index, and returns the servers of what is measured then. The endpoint is a
// new one, so that it counts nothing else.
func (b bench) fill(ctx context.Context, s scenario, to servers, work string) (servers, error) {
	before := s
	before.Again, before.DeleteMissing, before.Corpus.Changed = "", false, 0
	file, err := before.Corpus.ensure(b.folder)
	if err != nil {
		return to, err
	}
	if _, _, err := measure(ctx, b.stderr, file, before.Corpus.Documents, b.vecload, before.vecloadArgs(file, to, work)...); err != nil {
		return to, fmt.Errorf("fill the index: %w", err)
	}
	if to.endpoint != nil {
		_, stopped := to.endpoint.stop()
		to.endpoint, err = b.startEndpoint(ctx, s)
		if err := errors.Join(err, stopped); err != nil {
			return to, err
		}
	}
	if to.qdrant != nil {
		to.qdrant.restart()
	}
	return to, nil
}

// checkAgain finds out whether the program told apart what changed and what
// did not, and embedded nothing else.
func (s scenario) checkAgain(r report, told served) error {
	all, changed := s.Corpus.Documents, s.Corpus.changed()
	switch {
	case s.Again == "verify":
		if !r.Agrees || r.Documents != all {
			return fmt.Errorf("case %s: of %d documents %d were verified, with agreement %v", s.Name, all, r.Documents, r.Agrees)
		}
	case r.Read != all || r.Unchanged != all-changed || r.Changed != changed:
		return fmt.Errorf("case %s: of %d documents %d were read, %d unchanged and %d changed, want %d and %d",
			s.Name, all, r.Read, r.Unchanged, r.Changed, all-changed, changed)
	}
	switch {
	case changed == 0 && (r.Written > 0 || told.Requests > 0):
		return fmt.Errorf("case %s: %d documents were written after %d requests to embed, and none had to be", s.Name, r.Written, told.Requests)
	case s.Again == "run" && s.Protocol != "builtin" && told.Texts < int64(changed):
		return fmt.Errorf("case %s: the endpoint embedded %d texts of %d", s.Name, told.Texts, changed)
	case s.Index == "qdrant" && told.Points != int64(all):
		return fmt.Errorf("case %s: Qdrant holds %d points of %d", s.Name, told.Points, all)
	}
	return nil
}
