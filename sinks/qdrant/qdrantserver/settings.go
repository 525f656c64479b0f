package qdrantserver

import (
	"maps"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/proto"
)

// withDefaults fills in what a server that stands alone does, as 1.18 tells it
// in the description of a collection.
func withDefaults(request *pb.CreateCollection) *pb.CreateCollection {
	out := &pb.CreateCollection{
		ShardNumber: new(uint32(1)), ReplicationFactor: new(uint32(1)), WriteConsistencyFactor: new(uint32(1)),
		HnswConfig: &pb.HnswConfigDiff{
			M: new(uint64(16)), EfConstruct: new(uint64(100)), FullScanThreshold: new(uint64(10_000)),
			MaxIndexingThreads: new(uint64(0)),
		},
		OptimizersConfig: &pb.OptimizersConfigDiff{
			DeletedThreshold: new(0.2), VacuumMinVectorNumber: new(uint64(1000)),
			DefaultSegmentNumber: new(uint64(0)), IndexingThreshold: new(uint64(10_000)), FlushIntervalSec: new(uint64(5)),
		},
	}
	proto.Merge(out, request) // what is set in the request wins
	return out
}

// change applies an update: what it sets wins, and what it does not set stays.
func (c *collection) change(update *pb.UpdateCollection) {
	update = proto.CloneOf(update)
	if update.GetOptimizersConfig() != nil {
		proto.Merge(c.request.OptimizersConfig, update.GetOptimizersConfig())
		c.wake()
	}
	if update.GetHnswConfig() != nil {
		proto.Merge(c.request.HnswConfig, update.GetHnswConfig())
	}
	if params := update.GetParams(); params != nil {
		if params.ReplicationFactor != nil {
			c.request.ReplicationFactor = params.ReplicationFactor
		}
		if params.WriteConsistencyFactor != nil {
			c.request.WriteConsistencyFactor = params.WriteConsistencyFactor
		}
	}
	for name, diff := range update.GetVectorsConfig().GetParamsMap().GetMap() {
		params := vectorParams(c.request.GetVectorsConfig())[name]
		if params != nil && diff.OnDisk != nil { //nolint:staticcheck // what vecload sends
			params.OnDisk = diff.OnDisk //nolint:staticcheck // as above
		}
	}
	switch q := update.GetQuantizationConfig().GetQuantization().(type) {
	case *pb.QuantizationConfigDiff_Disabled:
		c.request.QuantizationConfig = nil
	case *pb.QuantizationConfigDiff_Scalar:
		c.request.QuantizationConfig = pb.NewQuantizationScalar(q.Scalar)
	case *pb.QuantizationConfigDiff_Binary:
		c.request.QuantizationConfig = pb.NewQuantizationBinary(q.Binary)
	case *pb.QuantizationConfigDiff_Product:
		c.request.QuantizationConfig = pb.NewQuantizationProduct(q.Product)
	}
	if strict := update.GetStrictModeConfig(); strict != nil {
		c.request.StrictModeConfig = strict
	}
}

// config describes the settings, in messages that nobody changes any more.
func (c *collection) config() *pb.CollectionConfig {
	r := proto.CloneOf(c.request)
	return &pb.CollectionConfig{
		Params: &pb.CollectionParams{
			ShardNumber: r.GetShardNumber(), ReplicationFactor: r.ReplicationFactor,
			WriteConsistencyFactor: r.WriteConsistencyFactor,
			VectorsConfig:          r.GetVectorsConfig(), SparseVectorsConfig: r.GetSparseVectorsConfig(),
		},
		HnswConfig:         r.GetHnswConfig(),
		OptimizerConfig:    r.GetOptimizersConfig(),
		QuantizationConfig: r.GetQuantizationConfig(),
		StrictModeConfig:   r.GetStrictModeConfig(),
		Metadata:           maps.Clone(c.meta),
	}
}
