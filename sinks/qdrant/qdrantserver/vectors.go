package qdrantserver

import (
	"math"
	"strings"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// refusedCharacters are those that no name of a collection or a vector has.
const refusedCharacters = "<>:\"/\\|?*\x00\x1f"

// maxVectorName is in bytes.
const maxVectorName = 200

// vectorParams returns the dense vectors by name; one without a name is "".
func vectorParams(config *pb.VectorsConfig) map[string]*pb.VectorParams {
	if single := config.GetParams(); single != nil {
		return map[string]*pb.VectorParams{"": single}
	}
	return config.GetParamsMap().GetMap()
}

func (c *collection) hasVector(name string) bool {
	_, dense := vectorParams(c.request.GetVectorsConfig())[name]
	_, sparse := c.request.GetSparseVectorsConfig().GetMap()[name]
	return dense || sparse
}

func checkVectorNames(request *pb.CreateCollection) error {
	dense := vectorParams(request.GetVectorsConfig())
	sparse := request.GetSparseVectorsConfig().GetMap()
	for name := range dense {
		if _, ok := sparse[name]; ok {
			return status.Errorf(codes.InvalidArgument,
				"Wrong input: Dense and sparse vector names must be unique - duplicate found with '%s'", name)
		}
		if len(name) > maxVectorName {
			return status.Errorf(codes.InvalidArgument,
				"Wrong input: Invalid dense vector name `%s`: vector name must be at most %d bytes long", name, maxVectorName)
		}
		if i := strings.IndexAny(name, refusedCharacters); i >= 0 {
			return status.Errorf(codes.InvalidArgument,
				"Wrong input: Invalid dense vector name `%s`: vector name cannot contain %q char", name, name[i:i+1])
		}
	}
	return nil
}

// readVectors checks the vectors of a point and makes them as they are kept.
// A vector that is left out is missing afterwards, also where an older
// version of the point had one.
func (c *collection) readVectors(vectors *pb.Vectors) (map[string][]float32, map[string]sparseVector, error) {
	params := vectorParams(c.request.GetVectorsConfig())
	given := map[string]*pb.Vector{}
	switch v := vectors.GetVectorsOptions().(type) {
	case *pb.Vectors_Vector:
		given[""] = v.Vector
	case *pb.Vectors_Vectors:
		given = v.Vectors.GetVectors()
	}
	out, outSparse := make(map[string][]float32, len(given)), map[string]sparseVector{}
	for name, vector := range given {
		expected, ok := params[name]
		_, sparse := c.request.GetSparseVectorsConfig().GetMap()[name]
		switch {
		case sparse && vector.GetSparse() != nil:
			stored, err := asStoredSparse(vector.GetSparse())
			if err != nil {
				return nil, nil, err
			}
			outSparse[name] = stored
			continue
		case !ok && !sparse:
			return nil, nil, unknownVector(name)
		case sparse || vector.GetSparse() != nil:
			return nil, nil, mixedVector()
		}
		data := vector.GetDense().GetData()
		if data == nil {
			data = vector.GetData() //nolint:staticcheck // the deprecated form is still accepted
		}
		stored, err := asStored(data, expected)
		if err != nil {
			return nil, nil, err
		}
		out[name] = stored
	}
	return out, outSparse, nil
}

// mixedVector is the answer to a dense vector for a sparse one, and the other
// way round.
func mixedVector() error {
	return status.Error(codes.InvalidArgument, "Wrong input: Conversion between sparse and regular vectors failed")
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

// told is the score that a client sees: a distance is positive, and that of
// Euclid the root of the sum.
func told(score float32, distance pb.Distance) float32 {
	switch distance {
	case pb.Distance_Euclid:
		return float32(math.Sqrt(float64(-score)))
	case pb.Distance_Manhattan:
		return -score
	case pb.Distance_UnknownDistance, pb.Distance_Cosine, pb.Distance_Dot:
	}
	return score
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
