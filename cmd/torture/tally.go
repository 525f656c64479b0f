package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"text/tabwriter"
)

// tally counts over all stories.
type tally struct {
	mu    sync.Mutex // guards what follows
	rows  map[combination]*row
	kinds map[string]int

	misses, indexes, points int
	looks, again            int
	texts                   int
}

// row is one line of the table.
type row struct{ kills, terms, unheard, lost, most int }

func newTally() *tally { return &tally{rows: map[combination]*row{}, kinds: map[string]int{}} }

// kill counts a run that was killed, or was asked to end and did.
func (t *tally) kill(c combination, at moment, end ended, lost int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rows[c] == nil {
		t.rows[c] = &row{}
	}
	r := t.rows[c]
	t.kinds[at.kind()]++
	r.kills++
	if at.term {
		r.terms++
		if end.killed {
			r.unheard++
		}
	}
	r.lost += lost
	r.most = max(r.most, lost)
}

// missed counts a run that ended before it could be killed.
func (t *tally) missed() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.misses++
}

// embedded counts texts of the corpus that were sent to be embedded.
func (t *tally) embedded(now, before map[string]int, wanted map[string]bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for text, n := range now {
		if wanted[text] {
			t.texts += n - before[text]
		}
	}
}

// compared counts an index that was compared whole.
func (t *tally) compared(points int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.indexes++
	t.points += points
}

func (t *tally) read(r *reader) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.looks += r.looks
	t.again += r.again
}

// kills returns how many runs were killed.
func (t *tally) kills() (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.rows {
		n += r.kills
	}
	return n
}

// print writes the tables.
func (t *tally) print(to io.Writer) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "combination\tkills\tof them SIGTERM\tembedded in vain\ta kill\tat most\t")
	var all row
	for _, c := range combinations() {
		r := t.rows[c]
		if r == nil {
			continue
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%.1f\t%d\t\n", c, r.kills, r.terms, r.lost, float64(r.lost)/float64(r.kills), r.most)
		all.kills, all.terms, all.unheard = all.kills+r.kills, all.terms+r.terms, all.unheard+r.unheard
		all.lost, all.most = all.lost+r.lost, max(all.most, r.most)
	}
	fmt.Fprintf(table, "all\t%d\t%d\t%d\t%.1f\t%d\t\n", all.kills, all.terms, all.lost, float64(all.lost)/float64(max(all.kills, 1)), all.most)
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(to, "\n%d runs ended before they could be killed; %d SIGTERM came before anybody listened\n", t.misses, all.unheard)
	fmt.Fprintf(to, "%d indexes of %d points in all compared; %d texts embedded, %.1f %% of them in vain\n", t.indexes, t.points, t.texts, 100*float64(all.lost)/float64(max(t.texts, 1)))
	fmt.Fprintf(to, "%d looks of readers, %d of which had to be repeated\n\nkilled at:\n", t.looks, t.again)
	kinds := slices.SortedFunc(maps.Keys(t.kinds), func(a, b string) int { return cmp.Or(t.kinds[b]-t.kinds[a], cmp.Compare(a, b)) })
	for _, kind := range kinds {
		fmt.Fprintf(to, "  %4d  %s\n", t.kinds[kind], kind)
	}
	return nil
}
