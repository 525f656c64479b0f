package qdrantserver

import (
	"cmp"
	"math"
	"slices"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// sparseVector has its indices in order.
type sparseVector struct {
	indices []uint32
	values  []float32
}

// asStoredSparse checks a sparse vector and puts it in order.
func asStoredSparse(v *pb.SparseVector) (sparseVector, error) {
	indices, values := v.GetIndices(), v.GetValues()
	if len(indices) != len(values) {
		return sparseVector{}, status.Error(codes.InvalidArgument,
			"Validation error in body: [values: must be the same length as indices]")
	}
	order := make([]int, len(indices))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(indices[a], indices[b]) })
	out := sparseVector{indices: make([]uint32, len(order)), values: make([]float32, len(order))}
	for i, place := range order {
		out.indices[i], out.values[i] = indices[place], values[place]
		if i > 0 && out.indices[i] == out.indices[i-1] {
			return sparseVector{}, status.Error(codes.InvalidArgument, "Validation error in body: [indices: must be unique]")
		}
	}
	return out, nil
}

// comparison returns what scores a point by one of its vectors, and reports
// whether it has something to compare.
func (c *collection) comparison(nearest *pb.VectorInput, using string) (func(p *storedPoint) (float32, bool), error) {
	params, dense := vectorParams(c.request.GetVectorsConfig())[using]
	sparseParams, sparse := c.request.GetSparseVectorsConfig().GetMap()[using]
	switch {
	case !dense && !sparse:
		return nil, unknownVector(using)
	case dense != (nearest.GetDense() != nil):
		return nil, mixedVector()
	case sparse:
		return c.compareSparse(nearest.GetSparse(), using, sparseParams)
	}
	query, err := asStored(nearest.GetDense().GetData(), params)
	return func(p *storedPoint) (float32, bool) {
		vector, ok := p.vectors[using]
		if !ok {
			return 0, false
		}
		return score(query, vector, params.GetDistance()), true
	}, err
}

// compareSparse sums the products of what both vectors have, with the modifier
// IDF times that of the index: ln((N − n + 0.5)/(n + 0.5) + 1) for n of the N
// points whose vector is not empty. Points that share no index are not found.
func (c *collection) compareSparse(query *pb.SparseVector, using string, params *pb.SparseVectorParams) (func(p *storedPoint) (float32, bool), error) {
	q, err := asStoredSparse(query)
	if err != nil {
		return nil, err
	}
	if params.GetModifier() == pb.Modifier_Idf {
		points, with := 0, map[uint32]int{}
		for _, p := range c.points {
			if indices := p.sparse[using].indices; len(indices) > 0 {
				points++
				for _, index := range indices {
					with[index]++
				}
			}
		}
		for i, index := range q.indices {
			n := float64(with[index])
			q.values[i] *= float32(math.Log((float64(points)-n+0.5)/(n+0.5) + 1))
		}
	}
	return func(p *storedPoint) (sum float32, shared bool) {
		vector := p.sparse[using]
		for i, index := range q.indices {
			if place, ok := slices.BinarySearch(vector.indices, index); ok {
				sum += q.values[i] * vector.values[place]
				shared = true
			}
		}
		return sum, shared
	}, nil
}
