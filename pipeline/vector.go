package pipeline

// Vector is one embedding; its length is the dimension of its space.
type Vector []float32

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
