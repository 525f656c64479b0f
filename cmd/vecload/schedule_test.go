package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
)

// longest is what any run may take: the spells, all the patience that the
// policies have, and the work. The longest that was seen took 7 minutes.
const longest = 30 * time.Minute

// retryFor and warmUp are the patience of the runs of schedules.
const (
	retryFor = time.Minute
	warmUp   = 2 * time.Minute
)

// history is a schedule that is lived through.
type history struct {
	drawn

	world *world
	shelf *shelf
	dir   string
	lives int
}

// lived is what one run came to.
type lived struct {
	done    outcome
	took    time.Duration
	rejects map[int64]string // reasons by rows
	models  []model
	lanes   []pipeline.Lane
}

// assembly makes that of one run.
func (h *history) assembly() assembly {
	p := process{stderr: io.Discard, stdout: io.Discard, lookupEnv: func(string) (string, bool) { return "", false }}
	meters := newMeters()
	c := configs.Default()
	c.Rejects = filepath.Join(h.dir, fmt.Sprint("rejects", h.lives, ".jsonl"))
	c.Index.SQLite = &configs.SQLite{Path: "shelf"}
	c.Index.Text, c.Index.DeleteMissing, c.Index.MaxDeleteShare = h.keepText, h.deleteMissing, 1
	if h.chunks > 0 {
		c.Chunk = &configs.Chunk{By: configs.BySentence, MaxTokens: h.chunks}
	}
	return assembly{process: p, config: c, meters: meters, show: newProgress(p, meters, true)}
}

// model stacks everything around the servers of a lane, as [lane.embedder] does.
func (h *history) model(a assembly, drawn laneDrawn, wanted map[string][]spot) model {
	embed := configs.DefaultEmbed(configs.InputText)
	embed.Model = "org/name"
	embed.Batch = configs.Batch{Texts: drawn.texts, Tokens: 8192, Bytes: configs.Bytes(drawn.bytes)}
	embed.InFlight, embed.Timeout, embed.RetryFor, embed.WarmUp = drawn.inFlight, requestTime, retryFor, warmUp
	name, prefix := "text", h.prefix
	if drawn.image {
		name, prefix = "image", ""
	}
	embed.Prefix.Document = prefix
	l := lane{assembly: a, Lane: configs.Lane{Vector: name, Path: "embed", Embed: embed}, counters: a.meters.lane(name)}
	m := model{lane: l, space: pipeline.Space{Model: embed.Model, Prefix: prefix, Normalize: true}}
	of := &laneWorld{world: h.world, drawn: drawn, settled: func(input string) bool {
		places := wanted[strings.TrimPrefix(input, prefix)]
		for _, p := range places {
			if p.vector == name && !h.shelf.has(name, p.doc, p.chunk, strings.TrimPrefix(input, prefix)) {
				return false
			}
		}
		return true
	}}
	var endpoints []endpointOf
	for i, spells := range drawn.endpoints {
		used := &usage{endpoint: fmt.Sprint("endpoint ", i)}
		endpoints = append(endpoints, m.endpoint(used, &server{lane: of, spells: spells}, endpointLoad{others: len(drawn.endpoints) > 1}))
	}
	m.over(endpoints, prefix)
	h.shelf.prefix[name] = prefix
	return m
}

// run lives one life.
func (h *history) run(parent context.Context, one life) (out lived) {
	h.lives++
	h.world.mutex.Lock()
	h.world.hurt, h.world.garbled = map[pipeline.Class]bool{}, false
	h.world.mutex.Unlock()
	a := h.assembly()
	wanted := map[string][]spot{}
	var models []model
	for _, drawn := range h.lanes {
		models = append(models, h.model(a, drawn, wanted))
	}
	ctx, kill := context.WithCancelCause(parent)
	defer kill(nil)
	stop, halt := context.WithCancel(ctx)
	defer halt()
	start := time.Now()
	if one.kill >= 0 {
		defer time.AfterFunc(one.kill, func() { kill(errInterrupted) }).Stop()
	}
	if one.stop >= 0 {
		defer time.AfterFunc(one.stop, halt).Stop()
	}
	defer time.AfterFunc(longest, func() {
		h.world.problem("the run did not end")
		kill(errInterrupted)
	}).Stop()
	defer func() { out.took = time.Since(start) }()

	made := h.shelf.spaces
	for i := range models {
		m := &models[i]
		if made != nil {
			m.space = completed(m.space, made[m.lane.Vector])
			m.Embedder = newUnproven(*m, a.config)
		} else if err := m.probe(stop); err != nil {
			out.done.err = orStopped(ctx, stop, err)
			return out
		}
		l, _, err := m.lane.pipeline(*m)
		if err != nil {
			panic(err)
		}
		if h.lanes[i].image {
			l.Split, l.Image = nil, pictures
		}
		out.lanes = append(out.lanes, l)
	}
	out.models = models
	h.learn(one.corpus, out.lanes, wanted)
	done := outcome{rejects: &rejectsFile{path: a.config.Rejects}}
	out.done = a.runInto(ctx, stop, done, feed{one.corpus}, models, out.lanes, h.shelf)
	out.rejects = readRejects(a.config.Rejects)
	return out
}

// learn notes which inputs there are, and what they are wanted for.
func (h *history) learn(records []record, lanes []pipeline.Lane, wanted map[string][]spot) {
	h.shelf.mutex.Lock()
	defer h.shelf.mutex.Unlock()
	for _, r := range records {
		for i := range lanes {
			for n, input := range inputsOf(&lanes[i], r.doc) {
				h.shelf.inputs[pipeline.DigestText(input)] = input
				wanted[input] = append(wanted[input], spot{lanes[i].Vector, r.doc.ID, n})
			}
		}
	}
}

// spot is a chunk of a document.
type spot struct {
	vector, doc string
	chunk       int
}

// inputsOf is what a lane embeds of a document.
func inputsOf(l *pipeline.Lane, doc pipeline.Document) []string {
	switch {
	case l.Image != nil && doc.Image.Data != "":
		return []string{doc.Image.Data}
	case l.Image != nil, strings.TrimSpace(doc.Text) == "":
		return nil
	case l.Split == nil:
		return []string{doc.Text}
	}
	return l.Split(doc.Text)
}

func readRejects(path string) map[int64]string {
	rejects := map[int64]string{}
	file, err := os.Open(path)
	if err != nil {
		return rejects
	}
	defer file.Close() //nolint:errcheck // opened for reading
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var line struct {
			Row    int64
			Reason string
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			line.Reason = "a broken line: " + lines.Text()
		}
		rejects[line.Row] += line.Reason
	}
	return rejects
}

// TestWhateverHappensNothingIsLost drives random schedules of faults, interrupts
// and restarts through a whole run, with all that stands around servers and
// index, in virtual time. What has to hold is in schedule_checks_test.go.
// `make schedules` tries many.
func TestWhateverHappensNothingIsLost(t *testing.T) {
	t.Parallel()
	for part := range 3 {
		t.Run(fmt.Sprint("part ", part), func(t *testing.T) {
			t.Parallel()
			var seen tally
			rapid.Check(t, func(rt *rapid.T) {
				for range part { // so that parts differ where the seed is given
					rapid.Bool().Draw(rt, "skipped")
				}
				d := schedules().Draw(rt, "schedule")
				var problems []string
				synctest.Test(t, func(t *testing.T) {
					problems = d.live(t, &seen)
				})
				if len(problems) > 0 {
					rt.Fatal(strings.Join(problems, "\n"))
				}
			})
			if !t.Failed() {
				seen.check(t)
			}
		})
	}
}

func (d drawn) live(t *testing.T, seen *tally) []string {
	t.Helper()
	w := &world{began: time.Now(), hits: map[ailment]int{}}
	h := &history{drawn: d, world: w, shelf: newShelf(w, d.index), dir: t.TempDir()}
	for _, one := range d.lives {
		_ = wait(t.Context(), one.pause)
		before := h.shelf.copied()
		out := h.run(t.Context(), one)
		h.check(one, out, before, false)
		seen.count(out, w)
	}
	w.healed = true
	last := life{corpus: withoutBreak(d.lives[len(d.lives)-1].corpus), stop: -1, kill: -1}
	before := h.shelf.copied()
	h.check(last, h.run(t.Context(), last), before, true)

	clean := &history{drawn: d, world: w, shelf: newShelf(w, nil), dir: t.TempDir()}
	clean.shelf.spells = []spell{{}}
	out := clean.run(t.Context(), last)
	clean.check(last, out, nil, true)
	h.same(clean, last.corpus, out)
	return w.problems
}

// withoutBreak is the corpus whose source does not break off any more.
func withoutBreak(records []record) []record {
	out := slices.Clone(records)
	for i := range out {
		if out[i].err != nil && pipeline.Classify(out[i].err) != pipeline.Rejected {
			out[i].err = nil
		}
	}
	return out
}
