package rest

import "sync/atomic"

// Size foretells how long an answer may be, from the dimension that earlier
// answers had. The zero Size knows none, and allows for any. It may be used by several goroutines
// at once.
type Size struct{ dim atomic.Int64 }

// Learn notes the dimension of an answer.
func (s *Size) Learn(dim int) { s.dim.Store(int64(dim)) }

// maxDim is more than the vectors of any known model have.
const maxDim = 1 << 15

// Limit returns the longest body that an answer to n texts may have.
func (s *Size) Limit(n int) int64 {
	dim := s.dim.Load()
	if dim == 0 {
		dim = maxDim
	}
	// A number takes about 20 bytes, with line breaks and indentation up to
	// 64. The rest is for what is around the numbers.
	return min(int64(n)*dim*64+1<<20, MaxAnswer)
}
