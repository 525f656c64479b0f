package pipeline

import "math"

// Vector is one embedding; its length is the dimension of its space.
type Vector []float32

// Cosine returns the cosine of the angle between v and other, and NaN when
// their dimensions differ or one of them is zero.
func (v Vector) Cosine(other Vector) float64 {
	if len(v) != len(other) {
		return math.NaN()
	}
	var dot, one, two float64
	for i := range v {
		a, b := float64(v[i]), float64(other[i])
		dot += a * b
		one += a * a
		two += b * b
	}
	return dot / (math.Sqrt(one) * math.Sqrt(two))
}

// Vectors holds n vectors of one dimension in one piece of memory, row after
// row (n × Dim). An embedder may return rows only of what it was asked, in
// the order it was asked.
type Vectors struct {
	Dim  int
	Data []float32
}

// Len returns the number of vectors.
func (v Vectors) Len() int {
	if v.Dim <= 0 {
		return 0
	}
	return len(v.Data) / v.Dim
}

// At returns row i. It shares memory with v.
func (v Vectors) At(i int) Vector {
	return v.Data[i*v.Dim : (i+1)*v.Dim : (i+1)*v.Dim]
}
