package embedders

import (
	"math"

	"github.com/vecload/vecload/pipeline"
)

// normalize gives each row length 1, and reports whether it thereby saw that
// all of them can be indexed. Squares are summed in float64, in which those of
// any float32 neither overflow nor vanish. A row of zeros stays as it is.
func normalize(v pipeline.Vectors) (sound bool) {
	sound = true
	n := v.Len()
	for i := 0; i < n; i += 4 {
		// A sum waits for each of its additions. A processor adds up four rows in
		// the time of one; where there is no fourth, it takes the last one again.
		at := func(j int) pipeline.Vector { return v.At(min(i+j, n-1)) }
		sums := squares(at(0), at(1), at(2), at(3))
		for j, sum := range sums[:min(4, n-i)] {
			// What has such a length has a largest number that any index takes, and
			// length 1 afterwards.
			sound = sound && sum >= 1e-20 && sum <= 1e28
			scale(at(j), sum)
		}
	}
	return sound
}

// squares returns the sums of squares of four rows of one length.
func squares(a, b, c, d pipeline.Vector) (sums [4]float64) {
	b, c, d = b[:len(a)], c[:len(a)], d[:len(a)]
	var s, t, u, w float64
	for i := range a {
		s += float64(a[i]) * float64(a[i])
		t += float64(b[i]) * float64(b[i])
		u += float64(c[i]) * float64(c[i])
		w += float64(d[i]) * float64(d[i])
	}
	return [4]float64{s, t, u, w}
}

// scale gives a row length 1 of which the sum of squares is given.
func scale(row pipeline.Vector, sum float64) {
	if sum == 0 {
		return
	}
	by := 1 / math.Sqrt(sum)
	// Half of the last place of a float32 is 2^-25 of it at least: what is
	// changed by less is what it was. That is so for nearly all vectors of
	// models that have length 1 already.
	const least = 1.0/(1<<25) - 1.0/(1<<50)
	if math.Abs(by-1) <= least {
		return
	}
	for i, f := range row {
		row[i] = float32(float64(f) * by)
	}
}
