package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// injected is an error that a schedule has made.
type injected struct {
	class pipeline.Class
	what  string
}

func (e *injected) Error() string { return e.what }

const madeDim = 6

// requestTime is the time-out of one request, and indexTime that of one call to
// the index.
const (
	requestTime = 30 * time.Second
	indexTime   = 20 * time.Second
)

// world is what servers and the index see, and find wrong.
type world struct {
	mutex    sync.Mutex
	began    time.Time
	healed   bool // nothing is wrong any more
	problems []string
	hurt     map[pipeline.Class]bool // classes that this run has met
	garbled  bool                    // and answers that are none
	stamped  bool                    // the index knows its dimension: what came first was right
	requests int                     // under way
	hits     map[ailment]int
}

func (w *world) problem(format string, args ...any) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if len(w.problems) < 5 {
		w.problems = append(w.problems, fmt.Sprintf(format, args...))
	}
}

// now returns the spell of this moment for the call of a number, or what it is
// without ailments.
func (w *world) now(spells []spell, call int) spell {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	last := spells[len(spells)-1]
	if w.healed {
		return spell{slow: min(last.slow, time.Second)}
	}
	since := time.Since(w.began)
	at := spell{slow: last.slow}
	for _, s := range spells {
		if since < s.lasts {
			at = s
			break
		}
		since -= s.lasts
	}
	if at.every > 1 && call%at.every != 0 {
		at.what = isWell
	}
	if at.what == isOtherModel && !w.stamped {
		at.what = isWell
	}
	w.hits[at.what]++
	switch at.what {
	case isWell, isNarrow:
	case isFailing, isTorn:
		w.hurt[at.class] = true
	case isHanging:
		w.hurt[pipeline.Transient] = true
	case isNaN, isRefusing:
		w.garbled = true
		w.hurt[pipeline.Misconfigured] = true // it refuses even the fixed text
	case isOtherModel:
		w.garbled = true
		w.hurt[pipeline.Misconfigured] = true // the first request of a run is compared with the index
	case isShort, isLong:
		w.garbled = true
	}
	return at
}

func (s spell) fail(op string) error {
	return &pipeline.Error{Op: op, Class: s.class, After: s.after, Err: &injected{s.class, "as the schedule has it"}}
}

// sleep waits in virtual time.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// laneWorld is what the servers of one lane have in common.
type laneWorld struct {
	*world

	drawn   laneDrawn
	running int // requests, over all endpoints
	// settled reports whether the index has all that a text is wanted for.
	settled func(input string) bool
}

// server is one endpoint.
type server struct {
	lane   *laneWorld
	spells []spell
	mutex  sync.Mutex
	number int
}

// Embed implements [pipeline.Embedder], as the clients do.
func (s *server) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	w := s.lane
	s.mutex.Lock()
	number := s.number
	s.number++
	s.mutex.Unlock()
	w.mutex.Lock()
	w.requests++
	w.running++
	running := w.running
	w.mutex.Unlock()
	defer func() {
		w.mutex.Lock()
		w.running--
		w.requests--
		w.mutex.Unlock()
	}()
	if running > w.drawn.inFlight {
		w.problem("%d requests at once, of %d", running, w.drawn.inFlight)
	}
	if pipeline.IsStopping(ctx) {
		w.problem("a request began after the interrupt")
	}
	probes := embedders.TextProbes()
	for _, text := range texts {
		isProbe := slices.ContainsFunc(probes, func(probe string) bool { return strings.HasSuffix(text, probe) })
		if text == "" {
			w.problem("an empty text was sent")
		}
		if !isProbe && w.settled(text) {
			w.problem("%q was embedded again, though the index has it", text)
		}
	}
	return s.answer(ctx, w.now(s.spells, number), texts)
}

func (s *server) answer(ctx context.Context, now spell, texts []string) (pipeline.Vectors, error) {
	calling, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	slow := now.slow * time.Duration(1+len(texts[0])%8) / 8
	if now.what == isHanging {
		slow = time.Hour
	}
	if wait(calling, slow) != nil {
		if ctx.Err() != nil {
			return pipeline.Vectors{}, ctx.Err()
		}
		return pipeline.Vectors{}, spell{class: pipeline.Transient}.fail("POST")
	}
	refuse := func(class pipeline.Class, err error) (pipeline.Vectors, error) {
		return pipeline.Vectors{}, &pipeline.Error{Op: "POST", Class: class, Err: err}
	}
	most := s.lane.drawn.maxTexts
	if now.what == isNarrow && (most == 0 || most > 2) {
		most = 2
	}
	switch {
	case now.what == isFailing:
		return pipeline.Vectors{}, now.fail("POST")
	case now.what == isRefusing:
		return refuse(pipeline.Oversize, errors.New("too large"))
	case most > 0 && len(texts) > most && s.lane.drawn.tellsMost && now.what != isNarrow:
		return refuse(pipeline.Oversize, &embedders.LimitError{Limit: embedders.Known{Texts: most}, Err: errors.New("too many")})
	case most > 0 && len(texts) > most:
		return refuse(pipeline.Oversize, errors.New("too many"))
	}
	for _, text := range texts {
		switch {
		case strings.Contains(text, poison):
			return refuse(pipeline.Rejected, errors.New("no such text"))
		case strings.Contains(text, huge):
			return refuse(pipeline.Oversize, errors.New("too long"))
		}
	}
	return s.vectors(now, texts)
}

func (s *server) vectors(now spell, texts []string) (pipeline.Vectors, error) {
	dim := madeDim
	if now.what == isOtherModel {
		dim++
	}
	v, failed := pipeline.Vectors{Dim: dim}, map[int]error{}
	hash := stubserver.Hash(dim)
	for i, text := range texts {
		if strings.Contains(text, uncomputable) {
			failed[i] = &pipeline.Error{Op: "POST", Class: pipeline.Rejected, Err: errors.New("not finite")}
			continue
		}
		row := hash(text)
		if now.what == isNaN {
			row[i%dim] = float32(math.NaN())
		}
		v.Data = append(v.Data, row...)
	}
	switch {
	case now.what == isShort && len(v.Data) > 0:
		v.Data = v.Data[dim:]
	case now.what == isLong:
		v.Data = append(v.Data, hash("one more")...)
	}
	if len(failed) > 0 {
		return v, &pipeline.PartialError{Failed: failed}
	}
	return v, nil
}
