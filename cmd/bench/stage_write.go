package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/sqlite"
)

// stageVector is the name of the vector that is written.
const stageVector = "text"

// writingQdrant and writingSQLite write points that are ready, as many at a
// time and as many at once as vecload does.
func writingQdrant(ctx context.Context, b bench, documents int) (run stageRun, err error) {
	server, err := startHelper(ctx, b.stderr, "qdrant")
	if err != nil {
		return run, err
	}
	defer func() {
		told, stopped := server.stop()
		if err = errors.Join(err, stopped); err == nil && told.Points != int64(documents) {
			err = fmt.Errorf("%d points of %d were sent", told.Points, documents)
		}
	}()
	index, err := qdrant.New(qdrant.Options{URL: server.url, Collection: collection})
	if err != nil {
		return run, err
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	return writing(ctx, b, index, documents, 3, 256)
}

func writingSQLite(ctx context.Context, b bench, documents int) (run stageRun, err error) {
	folder, err := os.MkdirTemp(b.folder, "run-")
	if err != nil {
		return run, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	index, err := sqlite.New(sqlite.Options{Path: filepath.Join(folder, "index.db")})
	if err != nil {
		return run, err
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	return writing(ctx, b, index, documents, 1, 2048)
}

func writing(ctx context.Context, b bench, index pipeline.Index, documents, writers, size int) (stageRun, error) {
	file, err := corpus{Documents: documents, Words: 100, Format: "jsonl"}.ensure(b.folder)
	if err != nil {
		return stageRun{}, err
	}
	read, err := firstDocuments(file, min(documents, size))
	if err != nil {
		return stageRun{}, err
	}
	spaces := pipeline.Spaces{stageVector: {Model: model, Dim: stageDim, Normalize: true}}
	if err := index.Prepare(ctx, spaces); err != nil {
		return stageRun{}, err
	}
	return timed(func() error { return writeAll(ctx, index, read, documents, writers, size) })
}

// writeAll writes the same few documents again and again, each time as other
// points: to an index they are new.
func writeAll(ctx context.Context, index pipeline.Index, read []plainDocument, documents, writers, size int) error {
	group, ctx := errgroup.WithContext(ctx)
	var begun atomic.Int64
	for range writers {
		points := readyPoints(read)
		group.Go(func() error {
			for {
				first := int(begun.Add(int64(size))) - size
				some := points[:max(min(size, documents-first), 0)]
				if len(some) == 0 {
					return nil
				}
				for i := range some {
					some[i].ID = pipeline.NewPointID(stageVector, some[i].Doc, first)
				}
				if err := index.Write(ctx, some); err != nil {
					return err
				}
			}
		})
	}
	return group.Wait()
}

func readyPoints(read []plainDocument) []pipeline.Point {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // nothing is secured by it
	out := make([]pipeline.Point, len(read))
	for i, d := range read {
		vector := make(pipeline.Vector, stageDim)
		for k := range vector {
			vector[k] = float32(random.NormFloat64())
		}
		out[i] = pipeline.Point{
			Name: stageVector, Doc: d.ID, Chunks: 1, Text: d.Text, Vector: vector,
			Made:    pipeline.Made{Input: pipeline.DigestText(d.Text), Rest: pipeline.DigestText(d.Title)},
			Payload: []pipeline.Field{{Name: "title", Value: pipeline.String(d.Title)}, {Name: "year", Value: pipeline.Int(d.Year)}},
		}
	}
	return out
}
