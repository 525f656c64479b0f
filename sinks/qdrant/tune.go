package qdrant

import (
	"context"
	"fmt"
	"maps"
	"slices"

	pb "github.com/qdrant/go-client/qdrant"
)

// Tuning says how a collection is kept. What is zero is not asked for: a new
// collection gets the server's default, and one that is there may have
// anything.
type Tuning struct {
	// Distance is how vectors are compared.
	Distance Distance
	// OnDisk serves the vectors from the disk instead of from memory.
	OnDisk *bool
	// Quantization keeps small copies of the vectors, which are searched in
	// their place.
	Quantization Quantization
	// AlwaysRAM keeps the quantized vectors in memory; nil means that, too,
	// since it is what they are for where the originals are on disk.
	AlwaysRAM *bool
	HNSW      HNSW
	// Shards cannot be changed in a collection that is there. Replicas can be,
	// by the operator of the cluster and not by vecload.
	Shards, Replicas int
	// WriteConsistency is how many replicas have to confirm a write.
	WriteConsistency int
	// PayloadIndexes are the types of the fields that filters use, by the
	// paths of the fields. They are made before the first point is written,
	// since the graph gets its links for filters only while it is built.
	PayloadIndexes map[string]FieldType
	// Tenant is the field by which searches are always filtered. It is indexed
	// as a keyword, or as a UUID where PayloadIndexes says so, and the points
	// of one value are kept together.
	Tenant string
	// Bulk says when indexing waits until a run has written everything.
	Bulk Bulk
	// Retune changes a collection that is there to these settings, where the
	// server can do that; its optimizer then builds the affected parts again,
	// which may take hours. Without it the difference is told and left.
	Retune bool
}

// HNSW are the settings of the graph; nil leaves one to the server, which has
// 16, 100 and the value of M.
type HNSW struct {
	M           *int // links of a point; 0 builds no graph over all points
	EfConstruct *int // candidates that are looked at for them
	PayloadM    *int // links of a point among those of the same value of an indexed field
}

// Quantization names a way to make small copies of vectors.
type Quantization string

// The quantizations. The zero value asks for nothing.
const (
	QuantizationNone    Quantization = "none"
	QuantizationScalar  Quantization = "scalar"  // a byte a dimension, a quarter of the size
	QuantizationBinary  Quantization = "binary"  // a bit a dimension, a 32nd; for models that were made for it
	QuantizationProduct Quantization = "product" // a 16th; slow to build, and the least exact
)

// scalarQuantile leaves out the largest hundredth of the components, as
// Qdrant's documentation advises.
const scalarQuantile = 0.99

// apply writes the settings into the request for a new collection.
func (t Tuning) apply(request *pb.CreateCollection) {
	if t.OnDisk != nil {
		for _, params := range request.GetVectorsConfig().GetParamsMap().GetMap() {
			params.OnDisk = t.OnDisk //nolint:staticcheck // servers before 1.19 do not know its successor
		}
	}
	request.HnswConfig = t.HNSW.message()
	request.QuantizationConfig = t.quantization()
	request.ShardNumber = positive(t.Shards)
	request.ReplicationFactor = positive(t.Replicas)
	request.WriteConsistencyFactor = positive(t.WriteConsistency)
}

func positive(n int) *uint32 {
	if n <= 0 {
		return nil
	}
	return new(uint32(n)) //nolint:gosec // the configuration allows some thousand
}

// message returns nil where nothing is asked for.
func (h HNSW) message() *pb.HnswConfigDiff {
	if h == (HNSW{}) {
		return nil
	}
	return &pb.HnswConfigDiff{M: count(h.M), EfConstruct: count(h.EfConstruct), PayloadM: count(h.PayloadM)}
}

func count(n *int) *uint64 {
	if n == nil || *n < 0 {
		return nil
	}
	return new(uint64(*n))
}

func (t Tuning) alwaysRAM() bool { return t.AlwaysRAM == nil || *t.AlwaysRAM }

// quantization returns nil where none is asked for.
func (t Tuning) quantization() *pb.QuantizationConfig {
	ram := new(t.alwaysRAM())
	switch t.Quantization {
	case QuantizationScalar:
		return pb.NewQuantizationScalar(&pb.ScalarQuantization{
			Type: pb.QuantizationType_Int8, Quantile: new(float32(scalarQuantile)), AlwaysRam: ram, //nolint:staticcheck // as OnDisk
		})
	case QuantizationBinary:
		return pb.NewQuantizationBinary(&pb.BinaryQuantization{AlwaysRam: ram}) //nolint:staticcheck // as OnDisk
	case QuantizationProduct:
		return pb.NewQuantizationProduct(&pb.ProductQuantization{
			Compression: pb.CompressionRatio_x16, AlwaysRam: ram, //nolint:staticcheck // as OnDisk
		})
	case QuantizationNone:
	}
	return nil
}

// tune brings a collection that has its stamp to the settings: what differs
// is told or changed, payload indexes are made, and indexing is deferred or
// not.
func (x *Index) tune(ctx context.Context, name string, info *pb.CollectionInfo) error {
	if err := x.settle(ctx, name, info); err != nil {
		return err
	}
	if err := x.indexPayload(ctx, name, info); err != nil {
		return err
	}
	return x.settleBulk(ctx, name, info)
}

// settle tells of each difference, or changes it.
func (x *Index) settle(ctx context.Context, name string, info *pb.CollectionInfo) error {
	update := &pb.UpdateCollection{CollectionName: name}
	changes := false
	for _, d := range x.options.Tuning.differences(info) {
		what := fmt.Sprintf("%s of collection %s is %s, and the configuration says %s", d.setting, name, d.have, d.want)
		switch {
		case d.change == nil:
			x.options.OnNotice(what + "; it cannot be changed in place, only in a new collection")
		case !x.options.Tuning.Retune:
			x.options.OnNotice(what + "; it stays as it is, unless index.qdrant.retune is true")
		default:
			d.change(update)
			changes = true
			x.options.OnNotice(what + "; it is changed, and Qdrant builds the affected parts again")
		}
	}
	if !changes {
		return nil
	}
	return x.repeat(ctx, "change the settings of", func(ctx context.Context) error {
		return x.client.UpdateCollection(ctx, update)
	})
}

// checkTuning refuses settings that contradict each other.
func checkTuning(t Tuning) error {
	switch t.Quantization {
	case "", QuantizationNone, QuantizationScalar, QuantizationBinary, QuantizationProduct:
	default:
		return misconfigured(fmt.Sprintf("the quantization %q is not known", t.Quantization), "use scalar, binary or product")
	}
	switch t.Bulk {
	case "", BulkOff, BulkAuto, BulkOn:
	default:
		return misconfigured(fmt.Sprintf("the bulk mode %q is not known", t.Bulk), "use auto, on or off")
	}
	for _, field := range slices.Sorted(maps.Keys(t.PayloadIndexes)) {
		if _, ok := t.PayloadIndexes[field].schema(); !ok || field == "" {
			return misconfigured(fmt.Sprintf("the payload index over %q has the type %q, which is not known", field, t.PayloadIndexes[field]),
				"use keyword, integer, float, datetime, bool, uuid or text")
		}
	}
	if kind, ok := t.PayloadIndexes[t.Tenant]; ok && kind != FieldKeyword && kind != FieldUUID {
		return misconfigured(fmt.Sprintf("the tenant field %q is indexed as %s", t.Tenant, kind), "index it as keyword or uuid")
	}
	return nil
}
