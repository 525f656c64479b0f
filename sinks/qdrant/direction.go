package qdrant

import (
	"errors"
	"math"

	"github.com/vecload/vecload/pipeline"
)

// checkDirection refuses what has no cosine; the server takes it silently.
func checkDirection(v pipeline.Vector) error {
	switch square := squareOf(v); {
	case math.IsNaN(square) || math.IsInf(square, 0):
		return errors.New("the vector has a component that is not a finite number")
	case square == 0:
		return errors.New("the vector is zero and has no direction")
	}
	return nil
}

// squareOf is the square of a vector's length. It is summed up in four parts,
// which need not wait for each other: no float32 is so large or so small that
// its square is lost in a float64.
func squareOf(v pipeline.Vector) float64 {
	var a, b, c, d float64
	for len(v) >= 4 {
		w := v[:4:4]
		a += float64(w[0]) * float64(w[0])
		b += float64(w[1]) * float64(w[1])
		c += float64(w[2]) * float64(w[2])
		d += float64(w[3]) * float64(w[3])
		v = v[4:]
	}
	for _, f := range v {
		a += float64(f) * float64(f)
	}
	return a + b + c + d
}
