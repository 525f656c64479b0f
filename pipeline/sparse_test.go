package pipeline_test

import (
	"math"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

func TestSparseScoresWhatBothHold(t *testing.T) {
	t.Parallel()
	query := pipeline.Sparse{Indices: []uint32{1, 3, 7}, Values: []float32{1, 2, 1}}
	doc := pipeline.Sparse{Indices: []uint32{0, 3, 7, 9}, Values: []float32{5, 0.5, 2, 5}}
	var asked []uint32
	got := query.Score(doc, func(index uint32) float64 {
		asked = append(asked, index)
		return float64(index)
	})
	if got != 2*0.5*3+1*2*7 {
		t.Errorf("got %v", got)
	}
	if len(asked) != 2 || asked[0] != 3 || asked[1] != 7 {
		t.Errorf("asked for %v", asked)
	}
	if got := query.Score(doc, nil); got != 3 {
		t.Errorf("without idf: %v", got)
	}
	if got := query.Score(pipeline.Sparse{}, nil); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

func TestSparseSaysWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		s    pipeline.Sparse
		fine bool
	}{
		"nothing":      {pipeline.Sparse{}, true},
		"rising":       {pipeline.Sparse{Indices: []uint32{0, 9}, Values: []float32{1, -1}}, true},
		"uneven":       {pipeline.Sparse{Indices: []uint32{0}}, false},
		"falling":      {pipeline.Sparse{Indices: []uint32{9, 0}, Values: []float32{1, 1}}, false},
		"twice":        {pipeline.Sparse{Indices: []uint32{9, 9}, Values: []float32{1, 1}}, false},
		"zero":         {pipeline.Sparse{Indices: []uint32{9}, Values: []float32{0}}, false},
		"not a number": {pipeline.Sparse{Indices: []uint32{9}, Values: []float32{float32(math.NaN())}}, false},
		"infinite":     {pipeline.Sparse{Indices: []uint32{9}, Values: []float32{float32(math.Inf(1))}}, false},
	} {
		if err := test.s.Validate(); (err == nil) != test.fine {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestIDFIsThatOfQdrant(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		points, with int
		want         float64
	}{
		{4, 1, math.Log(3.5/1.5 + 1)},
		{4, 4, math.Log(0.5/4.5 + 1)},
		{0, 0, math.Log(2)},
	} {
		if got := pipeline.IDF(test.points, test.with); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%d of %d: got %v, want %v", test.with, test.points, got, test.want)
		}
	}
}
