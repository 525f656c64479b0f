package pipeline

import (
	"errors"
	"fmt"
	"math"
)

// Sparse is a vector of which only some components are not zero: Values[i] is
// the component at Indices[i]. Indices rise strictly, values are finite and
// not zero. The zero Sparse has no components.
type Sparse struct {
	Indices []uint32
	Values  []float32
}

// Len returns the number of components that are not zero.
func (s Sparse) Len() int { return len(s.Indices) }

// Validate says what is wrong with a vector that came from elsewhere.
func (s Sparse) Validate() error {
	if len(s.Indices) != len(s.Values) {
		return fmt.Errorf("sparse vector: %d indices for %d values", len(s.Indices), len(s.Values))
	}
	for i, value := range s.Values {
		if i > 0 && s.Indices[i] <= s.Indices[i-1] {
			return fmt.Errorf("sparse vector: index %d comes after %d", s.Indices[i], s.Indices[i-1])
		}
		if value == 0 || math.IsNaN(float64(value)) || math.IsInf(float64(value), 0) {
			return errors.New("sparse vector: a value is zero or not finite")
		}
	}
	return nil
}

// Score returns what a document's vector is worth to the query s: the sum over
// the indices of both of value × idf × value, which is what Qdrant computes
// for a vector with the modifier IDF. idf is asked once for each of these
// indices, rising; nil stands for 1. Both vectors are valid.
func (s Sparse) Score(doc Sparse, idf func(index uint32) float64) float64 {
	var sum float64
	for i, j := 0, 0; i < len(s.Indices) && j < len(doc.Indices); {
		switch a, b := s.Indices[i], doc.Indices[j]; {
		case a < b:
			i++
		case b < a:
			j++
		default:
			product := float64(s.Values[i]) * float64(doc.Values[j])
			if idf != nil {
				product *= idf(a)
			}
			sum += product
			i++
			j++
		}
	}
	return sum
}

// IDF returns the weight of a term that with of points hold, as Qdrant
// computes it: ln((points − with + 0.5)/(with + 0.5) + 1), which is above zero
// for 0 ≤ with ≤ points. Points without components are not counted.
func IDF(points, with int) float64 {
	n, df := float64(points), float64(with)
	return math.Log1p((n - df + 0.5) / (df + 0.5))
}
