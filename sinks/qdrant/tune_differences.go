package qdrant

import (
	"maps"
	"slices"
	"strconv"

	pb "github.com/qdrant/go-client/qdrant"
)

// difference is a setting that a collection has otherwise than asked for.
type difference struct {
	setting    string // as the configuration names it
	have, want string
	change     func(*pb.UpdateCollection) // nil: a collection that is there keeps it
}

// differences compares what is asked for with what a collection has.
func (t Tuning) differences(info *pb.CollectionInfo) []difference {
	var out []difference
	number := func(setting string, have uint64, want *int, change func(*pb.UpdateCollection)) {
		if want != nil && uint64(max(0, *want)) != have {
			out = append(out, difference{setting, strconv.FormatUint(have, 10), strconv.Itoa(*want), change})
		}
	}
	params := info.GetConfig().GetParams()
	number("shards", uint64(params.GetShardNumber()), asked(t.Shards), nil)
	number("replicas", uint64(params.GetReplicationFactor()), asked(t.Replicas), nil)
	number("write_consistency", uint64(params.GetWriteConsistencyFactor()), asked(t.WriteConsistency), func(u *pb.UpdateCollection) {
		u.Params = &pb.CollectionParamsDiff{WriteConsistencyFactor: positive(t.WriteConsistency)}
	})
	for name, have := range distancesOf(info) {
		if t.Distance != "" && have != t.Distance {
			out = append(out, difference{"distance of " + name, string(have), string(t.Distance), nil})
		}
	}
	graph := info.GetConfig().GetHnswConfig()
	payloadM := graph.GetM() // what holds where the server says nothing
	if graph.PayloadM != nil {
		payloadM = graph.GetPayloadM()
	}
	hnsw := func(u *pb.UpdateCollection) { u.HnswConfig = t.HNSW.message() }
	number("hnsw.m", graph.GetM(), t.HNSW.M, hnsw)
	number("hnsw.ef_construct", graph.GetEfConstruct(), t.HNSW.EfConstruct, hnsw)
	number("hnsw.payload_m", payloadM, t.HNSW.PayloadM, hnsw)
	out = append(out, t.quantizationDifference(info)...)
	return append(out, t.diskDifferences(params.GetVectorsConfig().GetParamsMap().GetMap())...)
}

// asked turns a number that is zero where nothing is asked for.
func asked(n int) *int {
	if n <= 0 {
		return nil
	}
	return &n
}

func (t Tuning) diskDifferences(vectors map[string]*pb.VectorParams) []difference {
	if t.OnDisk == nil {
		return nil
	}
	var out []difference
	for _, name := range slices.Sorted(maps.Keys(vectors)) {
		have := vectors[name].GetOnDisk() //nolint:staticcheck // servers before 1.19 do not know its successor
		if have == *t.OnDisk {
			continue
		}
		out = append(out, difference{
			"on_disk of the vector " + name, strconv.FormatBool(have), strconv.FormatBool(*t.OnDisk),
			func(u *pb.UpdateCollection) {
				if u.GetVectorsConfig() == nil {
					u.VectorsConfig = pb.NewVectorsConfigDiffMap(map[string]*pb.VectorParamsDiff{})
				}
				u.GetVectorsConfig().GetParamsMap().Map[name] = &pb.VectorParamsDiff{OnDisk: t.OnDisk} //nolint:staticcheck // as above
			},
		})
	}
	return out
}

func (t Tuning) quantizationDifference(info *pb.CollectionInfo) []difference {
	if t.Quantization == "" {
		return nil
	}
	have, ram := quantizationOf(info.GetConfig().GetQuantizationConfig())
	change := func(u *pb.UpdateCollection) { u.QuantizationConfig = t.quantizationDiff() }
	if have != t.Quantization {
		return []difference{{"quantization", string(have), string(t.Quantization), change}}
	}
	if have != QuantizationNone && ram != t.alwaysRAM() {
		return []difference{{"quantization.always_ram", strconv.FormatBool(ram), strconv.FormatBool(t.alwaysRAM()), change}}
	}
	return nil
}

// quantizationOf names what a collection has, and whether it is kept in
// memory.
func quantizationOf(config *pb.QuantizationConfig) (kind Quantization, alwaysRAM bool) {
	switch q := config.GetQuantization().(type) {
	case *pb.QuantizationConfig_Scalar:
		return QuantizationScalar, q.Scalar.GetAlwaysRam() //nolint:staticcheck // servers before 1.19 do not know its successor
	case *pb.QuantizationConfig_Binary:
		return QuantizationBinary, q.Binary.GetAlwaysRam() //nolint:staticcheck // as above
	case *pb.QuantizationConfig_Product:
		return QuantizationProduct, q.Product.GetAlwaysRam() //nolint:staticcheck // as above
	case *pb.QuantizationConfig_Turboquant:
		return "turbo", q.Turboquant.GetAlwaysRam() //nolint:staticcheck // as above
	}
	return QuantizationNone, false
}

func (t Tuning) quantizationDiff() *pb.QuantizationConfigDiff {
	switch q := t.quantization().GetQuantization().(type) {
	case *pb.QuantizationConfig_Scalar:
		return pb.NewQuantizationDiffScalar(q.Scalar)
	case *pb.QuantizationConfig_Binary:
		return pb.NewQuantizationDiffBinary(q.Binary)
	case *pb.QuantizationConfig_Product:
		return pb.NewQuantizationDiffProduct(q.Product)
	}
	return pb.NewQuantizationDiffDisabled()
}
