package qdrant

import (
	"math"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

// Distance is how a new collection compares vectors. Those of vecload have
// length 1 in any collection that does not see to it itself, and so do its
// queries, so that all of them give one order and one score, the cosine. The
// choice is for other readers, whose clients may expect one.
type Distance string

// The distances. The zero value is DistanceCosine.
const (
	DistanceCosine Distance = "cosine"
	DistanceDot    Distance = "dot"
	DistanceEuclid Distance = "euclid"
)

func (d Distance) message() pb.Distance {
	switch d {
	case DistanceDot:
		return pb.Distance_Dot
	case DistanceEuclid:
		return pb.Distance_Euclid
	case DistanceCosine:
	}
	return pb.Distance_Cosine
}

// distanceOf names what a collection compares by; "" where vecload does not.
func distanceOf(d pb.Distance) Distance {
	for _, known := range []Distance{DistanceCosine, DistanceDot, DistanceEuclid} {
		if known.message() == d {
			return known
		}
	}
	return ""
}

// distancesOf are those of the vectors of a collection, by their names.
func distancesOf(info *pb.CollectionInfo) map[string]Distance {
	out := map[string]Distance{}
	for name, params := range info.GetConfig().GetParams().GetVectorsConfig().GetParamsMap().GetMap() {
		out[name] = distanceOf(params.GetDistance())
	}
	return out
}

// scaled returns a vector as a collection of this distance has to be given it.
// A vector without a direction is refused before.
func (d Distance) scaled(v pipeline.Vector) pipeline.Vector {
	if d == DistanceCosine || d == "" {
		return v
	}
	// Where the length is seen to be 1, however it is summed up, that is all.
	const near, doubt = 1e-6, 1e-9
	if math.Abs(squareOf(v)-1) < near-doubt {
		return v
	}
	var square float64
	for _, f := range v {
		square += float64(f) * float64(f)
	}
	if math.Abs(square-1) < near {
		return v
	}
	unit := make(pipeline.Vector, len(v))
	for i, f := range v {
		unit[i] = float32(float64(f) / math.Sqrt(square))
	}
	return unit
}

// cosine turns the score of a hit, between vectors of length 1, into their
// cosine: a Euclidean distance is the square root of 2 - 2 cos.
func (d Distance) cosine(score float64) float64 {
	if d == DistanceEuclid {
		return 1 - score*score/2
	}
	return score
}
