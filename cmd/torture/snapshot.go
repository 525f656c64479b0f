package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// snapshot is all that an index holds.
type snapshot struct {
	points map[string]string // by their ids: vectors bit by bit, payload, and what they were made from
	texts  map[string]bool   // of the points
	of     map[string]string // the document of each point
	about  string            // the spaces, and the settings that searches depend on
}

func newSnapshot() snapshot {
	return snapshot{points: map[string]string{}, texts: map[string]bool{}, of: map[string]string{}}
}

// shown is how many differences an error names.
const shown = 4

// equal returns an error that names the points by which got differs from
// want, documents but for some.
func equal(got, want snapshot, but map[string]bool) error {
	var missing, extra, other []string
	for id, point := range want.points {
		if but[want.of[id]] {
			continue
		}
		switch now, ok := got.points[id]; {
		case !ok:
			missing = append(missing, id+" of "+want.of[id])
		case now != point:
			other = append(other, fmt.Sprintf("%s of %s:\n    %.600s\n    %.600s", id, want.of[id], now, point))
		}
	}
	for id := range got.points {
		if _, ok := want.points[id]; !ok && !but[got.of[id]] {
			extra = append(extra, id+" of "+got.of[id])
		}
	}
	var errs []error
	tell := func(what string, ids []string) {
		if len(ids) > 0 {
			slices.Sort(ids)
			errs = append(errs, fmt.Errorf("%d points %s: %s", len(ids), what, strings.Join(ids[:min(shown, len(ids))], ", ")))
		}
	}
	tell("are missing", missing)
	tell("are too many", extra)
	tell("differ", other)
	if got.about != want.about {
		errs = append(errs, fmt.Errorf("the index is another one:\n    %s\n    %s", got.about, want.about))
	}
	return errors.Join(errs...)
}

// glance is what one look of a reader sees: how many points, and how many of
// them are of today's edition.
type glance struct{ points, today int64 }

func (s snapshot) glance() glance {
	g := glance{points: int64(len(s.points))}
	for _, point := range s.points {
		if strings.Contains(point, `"edition":"`+today+`"`) {
			g.today++
		}
	}
	return g
}

// add takes in the texts of another one.
func (s snapshot) add(other snapshot) { maps.Copy(s.texts, other.texts) }
