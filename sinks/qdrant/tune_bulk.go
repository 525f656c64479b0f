package qdrant

import (
	"context"
	"errors"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

// Bulk says when the indexing of a collection waits until a run has written
// everything. Measured with Qdrant 1.18, waiting makes small loads slower, see
// docs/qdrant.md.
//
// Indexing is deferred by an indexing threshold of 0: segments stay as they
// were written, searches compare every point, and the graphs that a
// collection has stay in use. The other way, a graph without links (m = 0),
// takes the graphs away from a collection that is being read. Vectors that wait are in memory unless
// Tuning.OnDisk is true.
//
// The threshold that held before is noted in the collection's metadata first,
// under "vecload_bulk". [Index.EndBulk] puts it back; so does, when the run
// died before, the next run: its Prepare where it does not defer itself, else
// its EndBulk.
type Bulk string

// The choices. The zero value is BulkOff.
const (
	BulkOff  Bulk = "off"
	BulkAuto Bulk = "auto" // while a collection is filled that had no point, or whose first load did not end
	BulkOn   Bulk = "on"   // in every run
)

const (
	// bulkKey is ours in a collection's metadata.
	bulkKey = "vecload_bulk"
	// defaultThreshold is what holds where a server does not say, in kB
	// (DEFAULT_INDEXING_THRESHOLD_KB of Qdrant 1.19).
	defaultThreshold = 10_000
)

// deferredThreshold returns the threshold that held before indexing was
// deferred, and whether it is.
func deferredThreshold(info *pb.CollectionInfo) (uint64, bool) {
	note := info.GetConfig().GetMetadata()[bulkKey].GetStructValue().GetFields()
	if note == nil {
		return 0, false
	}
	if n := note["indexing_threshold"].GetIntegerValue(); n > 0 {
		return uint64(n), true
	}
	return defaultThreshold, true
}

// settleBulk defers indexing where it should be, and puts back what an earlier
// run deferred where it should not.
func (x *Index) settleBulk(ctx context.Context, name string, info *pb.CollectionInfo) error {
	before, deferred := deferredThreshold(info)
	want := x.options.Tuning.Bulk == BulkOn ||
		x.options.Tuning.Bulk == BulkAuto && (deferred || info.GetPointsCount() == 0)
	switch {
	case deferred && !want:
		x.options.OnNotice("an earlier run deferred the indexing of collection " + name + " and did not end; it is put back")
		return x.putBack(ctx, name, before)
	case deferred:
		// Once more: the run may have died between the note and the deferral.
		return x.setThreshold(ctx, name, 0)
	case !want:
		return nil
	}
	config := info.GetConfig().GetOptimizerConfig()
	threshold := uint64(defaultThreshold)
	if config.IndexingThreshold != nil {
		threshold = config.GetIndexingThreshold()
	}
	if threshold == 0 {
		return nil // somebody else deferred it, who also puts it back
	}
	// The note first: a deferral that nobody knows of would stay.
	note := encodeValue(pipeline.Object([]pipeline.Field{
		{Name: "indexing_threshold", Value: pipeline.Int(int64(min(threshold, 1<<62)))}, //nolint:gosec // bounded
		{Name: "since", Value: pipeline.String(time.Now().UTC().Format(time.RFC3339))},
	}))
	if err := x.setMetadata(ctx, name, map[string]*pb.Value{bulkKey: note}); err != nil {
		return err
	}
	return x.setThreshold(ctx, name, 0)
}

// EndBulk puts back what a deferral of indexing changed, its own or that of a
// run that died, and reports whether there was one. Qdrant begins to build;
// [Index.WaitIndexed] waits for it. It needs Prepare first, and is called at
// the end of every run, whether it succeeded or not; a second call does
// nothing.
func (x *Index) EndBulk(ctx context.Context) (bool, error) {
	if err := x.usable(ctx); err != nil {
		return false, err
	}
	to, err := x.prepared()
	if err != nil {
		return false, err
	}
	return x.endBulk(ctx, to.collection)
}

func (x *Index) endBulk(ctx context.Context, name string) (bool, error) {
	info, err := x.collectionInfo(ctx, name)
	if err != nil {
		return false, err
	}
	if info == nil {
		return false, x.gone(name)
	}
	before, deferred := deferredThreshold(info)
	if !deferred {
		return false, nil
	}
	return true, x.putBack(ctx, name, before)
}

// putBack takes the note away last.
func (x *Index) putBack(ctx context.Context, name string, threshold uint64) error {
	if err := x.setThreshold(ctx, name, threshold); err != nil {
		return err
	}
	return x.setMetadata(ctx, name, map[string]*pb.Value{bulkKey: encodeValue(pipeline.Null())})
}

func (x *Index) setThreshold(ctx context.Context, name string, threshold uint64) error {
	return x.repeat(ctx, "change the indexing of", func(ctx context.Context) error {
		return x.client.UpdateCollection(ctx, &pb.UpdateCollection{
			CollectionName: name, OptimizersConfig: &pb.OptimizersConfigDiff{IndexingThreshold: &threshold},
		})
	})
}

// setMetadata merges; null takes a key away.
func (x *Index) setMetadata(ctx context.Context, name string, metadata map[string]*pb.Value) error {
	return x.repeat(ctx, "note something in", func(ctx context.Context) error {
		return x.client.UpdateCollection(ctx, &pb.UpdateCollection{CollectionName: name, Metadata: metadata})
	})
}

// gone is the error about a collection that was there before.
func (x *Index) gone(name string) error {
	return &pipeline.Error{
		Op: x.address.String() + "/collections/" + name, Class: pipeline.Misconfigured,
		Hint: "somebody deleted it; run the same command again to make it anew", Err: errors.New("the collection is gone"),
	}
}
