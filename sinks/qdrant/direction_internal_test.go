package qdrant

import (
	"bytes"
	"math"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

func TestOnlyVectorsWithADirectionAreTaken(t *testing.T) {
	t.Parallel()
	least := float32(math.SmallestNonzeroFloat32)
	for name, test := range map[string]struct {
		components []float32
		ok         bool
	}{
		"length 1":        {[]float32{0.6, 0.8}, true},
		"negative":        {[]float32{-1}, true},
		"least":           {[]float32{0, -least}, true},
		"below 2":         {[]float32{math.Nextafter32(2, 0)}, true},
		"2":               {[]float32{-2}, true},
		"largest":         {[]float32{math.MaxFloat32, -math.MaxFloat32}, true},
		"2 beside zeros":  {[]float32{0, 2, 0}, true},
		"none":            {nil, false},
		"zero":            {[]float32{0, 0}, false},
		"negative zero":   {[]float32{float32(math.Copysign(0, -1))}, false},
		"NaN":             {[]float32{1, float32(math.NaN())}, false},
		"NaN, signalling": {[]float32{1, math.Float32frombits(0xff800001)}, false},
		"infinity":        {[]float32{1, float32(math.Inf(1))}, false},
		"-infinity":       {[]float32{1, float32(math.Inf(-1))}, false},
	} {
		// At any place of a longer one.
		for before := range 9 {
			v := append(make(pipeline.Vector, before), test.components...)
			if err := checkDirection(v); (err == nil) != test.ok {
				t.Errorf("%s, after %d zeros: %v", name, before, err)
			}
			if err := checkDirection(append(v, make(pipeline.Vector, 5)...)); (err == nil) != test.ok {
				t.Errorf("%s, after %d zeros and before 5: %v", name, before, err)
			}
		}
	}
}

func TestTheSquareIsOfAllComponents(t *testing.T) {
	t.Parallel()
	for n := range 14 {
		v := make(pipeline.Vector, n)
		want := 0
		for i := range v {
			v[i] = float32(i + 1)
			want += (i + 1) * (i + 1)
		}
		if got := squareOf(v); got != float64(want) {
			t.Errorf("of %d components it is %v, want %d", n, got, want)
		}
	}
}

func TestFloatsAreWrittenAlikeOnEveryMachine(t *testing.T) {
	t.Parallel()
	for n := range 12 {
		floats := extremes()[:min(n, len(extremes()))]
		var want []byte
		if len(floats) > 0 {
			want = appendEachFloat(append([]byte("before"), 0x0a, byte(4*len(floats))), floats)
		} else {
			want = []byte("before")
		}
		if got := appendFloats([]byte("before"), denseData, floats); !bytes.Equal(got, want) {
			t.Errorf("%v is written as %x, want %x", floats, got, want)
		}
	}
}
