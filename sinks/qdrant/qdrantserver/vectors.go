package qdrantserver

import (
	"math"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// readVectors checks the vectors of a point and makes them as they are kept.
// A vector that is left out is missing afterwards, also where an older
// version of the point had one.
func (c *collection) readVectors(vectors *pb.Vectors) (map[string][]float32, error) {
	params := vectorParams(c.request.GetVectorsConfig())
	given := map[string]*pb.Vector{}
	switch v := vectors.GetVectorsOptions().(type) {
	case *pb.Vectors_Vector:
		given[""] = v.Vector
	case *pb.Vectors_Vectors:
		given = v.Vectors.GetVectors()
	}
	out := make(map[string][]float32, len(given))
	for name, vector := range given {
		expected, ok := params[name]
		if !ok {
			return nil, unknownVector(name)
		}
		data := vector.GetDense().GetData()
		if data == nil {
			data = vector.GetData() //nolint:staticcheck // the deprecated form is still accepted
		}
		stored, err := asStored(data, expected)
		if err != nil {
			return nil, err
		}
		out[name] = stored
	}
	return out, nil
}

func unknownVector(name string) error {
	return status.Errorf(codes.InvalidArgument, "Wrong input: Not existing vector name error: %s", name)
}

// asStored checks the dimension, and makes a vector that is compared by
// cosine of length 1. Like the real server it leaves a zero vector as it is,
// and one that has length 1 already.
func asStored(data []float32, params *pb.VectorParams) ([]float32, error) {
	if uint64(len(data)) != params.GetSize() {
		return nil, status.Errorf(codes.InvalidArgument,
			"Wrong input: Vector dimension error: expected dim: %d, got %d", params.GetSize(), len(data))
	}
	if params.GetDistance() != pb.Distance_Cosine {
		return data, nil
	}
	var square float32
	for _, f := range data {
		square += f * f
	}
	if square == 0 || math.Abs(float64(square)-1) < 1e-6 {
		return data, nil
	}
	length := float32(math.Sqrt(float64(square)))
	unit := make([]float32, len(data))
	for i, f := range data {
		unit[i] = f / length
	}
	return unit, nil
}

// score is larger for nearer vectors; distances are negative.
func score(a, b []float32, distance pb.Distance) float32 {
	var sum float32
	for i := range a {
		switch distance {
		case pb.Distance_Euclid:
			sum -= (a[i] - b[i]) * (a[i] - b[i])
		case pb.Distance_Manhattan:
			sum -= float32(math.Abs(float64(a[i] - b[i])))
		case pb.Distance_UnknownDistance, pb.Distance_Cosine, pb.Distance_Dot:
			sum += a[i] * b[i]
		}
	}
	return sum
}
