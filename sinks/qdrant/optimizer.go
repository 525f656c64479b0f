package qdrant

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

const (
	defaultPollEvery = time.Second

	// settledLooks is how often in a row a collection has to look finished:
	// it may between two steps of the optimizer. Qdrant's own benchmark asks
	// three times, a second apart.
	settledLooks = 3
	// nudgeEvery is after how many looks at a pending optimizer it is told
	// again to begin.
	nudgeEvery = 10
)

// State is what a look at the optimizer of a collection shows.
type State struct {
	Status   string // green, yellow, grey or red
	Error    string // of the optimizer; "" where there is none
	Queued   int64  // updates that are confirmed and not applied; 0 before Qdrant 1.17, which does not tell
	Deferred int64  // points that are written and not yet visible
	Points   int64  // about so many
	Indexed  int64  // vectors in a graph, about so many; small segments never get one
	Settled  int    // looks in a row, this one included, at which nothing was left to do
}

// done reports whether nothing is left to do.
func (s State) done() bool {
	return s.Status == "green" && s.Error == "" && s.Queued == 0 && s.Deferred == 0
}

// String describes the state in one line, for people.
func (s State) String() string {
	parts := []string{fmt.Sprintf("%s, about %d points, %d vectors indexed", s.Status, s.Points, s.Indexed)}
	if s.Queued > 0 {
		parts = append(parts, fmt.Sprintf("%d updates queued", s.Queued))
	}
	if s.Deferred > 0 {
		parts = append(parts, fmt.Sprintf("%d points not yet visible", s.Deferred))
	}
	if s.Error != "" {
		parts = append(parts, s.Error)
	}
	return strings.Join(parts, ", ")
}

func stateOf(info *pb.CollectionInfo) State {
	s := State{
		Status:   strings.ToLower(info.GetStatus().String()),
		Queued:   int64(info.GetUpdateQueue().GetLength()), //nolint:gosec // a count
		Deferred: int64(info.GetUpdateQueue().GetDeferredPoints()),
		Points:   int64(info.GetPointsCount()),         //nolint:gosec // a count
		Indexed:  int64(info.GetIndexedVectorsCount()), //nolint:gosec // a count
	}
	if o := info.GetOptimizerStatus(); o != nil && !o.GetOk() {
		s.Error = clip(o.GetError())
		if s.Error == "" {
			s.Error = "the optimizer failed and does not say why"
		}
	}
	return s
}

// WaitIndexed ends a deferral of indexing, as [Index.EndBulk] does, and
// returns once the optimizer has nothing left to do at three looks in a row.
// It needs Prepare first. There is no limit of time but the context's: large
// collections take hours. progress is told what each look shows, in the
// caller's goroutine; it may be nil.
//
// An optimizer that failed is an error of class Fatal with its own words, one
// that is switched off is Misconfigured. One that is pending since a restart
// of the server is told to begin.
func (x *Index) WaitIndexed(ctx context.Context, progress func(State)) error {
	if _, err := x.EndBulk(ctx); err != nil {
		return err
	}
	to, err := x.prepared()
	if err != nil {
		return err
	}
	v, err := x.serverVersion(ctx)
	if err != nil {
		return err
	}
	if !v.has(queueMinor) {
		x.options.OnNotice(fmt.Sprintf("Qdrant %s does not tell how many updates wait in its queue, which Qdrant 1.%d and newer do",
			v.text, queueMinor))
	}
	return x.waitIndexed(ctx, to.collection, progress)
}

func (x *Index) waitIndexed(ctx context.Context, name string, progress func(State)) error {
	if progress == nil {
		progress = func(State) {}
	}
	return waiter{
		every:    x.options.PollEvery,
		look:     func(ctx context.Context) (State, error) { return x.lookAt(ctx, name) },
		nudge:    func(ctx context.Context) error { return x.nudge(ctx, name) },
		progress: progress,
	}.wait(ctx)
}

// lookAt asks for the state; a failed optimizer is an error.
func (x *Index) lookAt(ctx context.Context, name string) (State, error) {
	var info *pb.CollectionInfo
	// With patience: the server may restart while it is waited for.
	err := x.repeat(ctx, "describe", func(ctx context.Context) (err error) {
		info, err = x.client.GetCollectionInfo(ctx, name)
		return err
	})
	if err != nil {
		return State{}, err
	}
	s := stateOf(info)
	place := x.address.String() + "/collections/" + name
	if s.Status == "red" || s.Error != "" {
		text := s.Error
		if text == "" {
			text = "its status is red"
		}
		return s, &pipeline.Error{
			Op: place, Class: pipeline.Fatal,
			Hint: "look at the log, the memory and the disk of Qdrant and restart it; what was written is safe",
			Err:  errors.New("the optimizer failed: " + text),
		}
	}
	threads := info.GetConfig().GetOptimizerConfig().GetMaxOptimizationThreads()
	if _, fixed := threads.GetVariant().(*pb.MaxOptimizationThreads_Value); fixed && threads.GetValue() == 0 && !s.done() {
		return s, &pipeline.Error{
			Op: place, Class: pipeline.Misconfigured,
			Hint: "set max_optimization_threads of the collection to another number than 0",
			Err:  errors.New("the optimizer is switched off, and something is left for it to do"),
		}
	}
	return s, nil
}

// nudge makes the server look for work.
func (x *Index) nudge(ctx context.Context, name string) error {
	return x.repeat(ctx, "wake the optimizer of", func(ctx context.Context) error {
		return x.client.UpdateCollection(ctx, &pb.UpdateCollection{
			CollectionName: name, OptimizersConfig: &pb.OptimizersConfigDiff{},
		})
	})
}

// waiter looks at an optimizer until nothing is left to do.
type waiter struct {
	every    time.Duration
	look     func(context.Context) (State, error)
	nudge    func(context.Context) error
	progress func(State)
}

func (w waiter) wait(ctx context.Context) error {
	settled, pending := 0, 0
	for {
		state, err := w.look(ctx)
		if err != nil {
			return err
		}
		if state.done() {
			settled++
		} else {
			settled = 0
		}
		state.Settled = settled
		w.progress(state)
		if settled == settledLooks {
			return nil
		}
		if state.Status == "grey" {
			if pending%nudgeEvery == 0 {
				if err := w.nudge(ctx); err != nil {
					return err
				}
			}
			pending++
		}
		if err := sleep(ctx, w.every); err != nil {
			return err
		}
	}
}
