package vectors_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/vectors"
)

func TestNestedTellsShapesByDepth(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		body string
		n    int
		pool vectors.Pooling
		want [][]float32
	}{
		{"one flat vector", "[1,2.5,-3e0]", 1, "", [][]float32{{1, 2.5, -3}}},
		{"one row", "[[1,2]]", 1, "", [][]float32{{1, 2}}},
		{"rows", " [ [1, 2] ,\n[3,\t4] ] \n", 2, "", [][]float32{{1, 2}, {3, 4}}},
		{"mean of tokens, of different number", "[[[1,2],[3,4]],[[5,6]]]", 2, vectors.Mean, [][]float32{{2, 3}, {5, 6}}},
		{"first token", "[[[1,2],[3,4]],[[5,6],[0,0]]]", 2, vectors.CLS, [][]float32{{1, 2}, {5, 6}}},
		{"mean with the old axis", "[[[[1,2],[3,4]]],[[[5,6]]]]", 2, vectors.Mean, [][]float32{{2, 3}, {5, 6}}},
		{"pooled already", "[[1,2],[3,4]]", 2, vectors.Mean, [][]float32{{1, 2}, {3, 4}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v, err := vectors.Nested([]byte(test.body), test.n, test.pool)
			if err != nil {
				t.Fatal(err)
			}
			if got := rows(v); !slices.EqualFunc(got, test.want, slices.Equal) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func rows(v pipeline.Vectors) [][]float32 {
	var all [][]float32
	for i := range v.Len() {
		all = append(all, v.At(i))
	}
	return all
}

func TestNestedRefusesWholeAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		body  string
		n     int
		pool  vectors.Pooling
		class pipeline.Class
		text  string
	}{
		{"tokens without pooling", "[[[1,2],[3,4],[5,6]],[[1,2]]]", 2, "", pipeline.Misconfigured, "shape [2][3][2]"},
		{"tokens with the old axis without pooling", "[[[[1,2,3],[3,4,5]]],[[[1,2,3]]]]", 2, "", pipeline.Misconfigured, "shape [2][1][2][3]"},
		{"too few rows", "[[1,2]]", 2, "", pipeline.Fatal, "1 vectors for 2 inputs"},
		{"too many rows", "[[1,2],[3,4],[5,6]]", 2, "", pipeline.Fatal, "3 vectors for 2 inputs"},
		{"one flat vector for two texts", "[1,2]", 2, "", pipeline.Fatal, "shape [2] for 2 texts"},
		{"ragged rows", "[[1,2],[3]]", 2, "", pipeline.Fatal, "different lengths"},
		{"ragged tokens", "[[[1,2],[3]]]", 1, vectors.Mean, pipeline.Fatal, "different lengths"},
		{"two old axes", "[[[[1]],[[2]]]]", 1, vectors.Mean, pipeline.Fatal, "more than one list"},
		{"too deep", "[[[[[1]]]]]", 1, vectors.Mean, pipeline.Fatal, "shape [1][1][1][1][1]"},
		{"no answer", "[]", 2, "", pipeline.Fatal, ""},
		{"cut short", "[[1,2],[3", 2, "", pipeline.Transient, "ends before"},
		{"trailing comma", "[[1,2,],[3,4]]", 2, "", pipeline.Transient, "a number expected"},
		{"trailing text", "[[1,2]]x", 1, "", pipeline.Transient, "the end expected"},
		{"leading zero", "[[01]]", 1, "", pipeline.Transient, "expected at byte"},
		{"plus", "[[+1]]", 1, "", pipeline.Transient, "expected at byte"},
		{"a text", `[["1"]]`, 1, "", pipeline.Transient, "a number expected"},
		{"bare NaN", "[[1,NaN],[3,4]]", 2, "", pipeline.Rejected, "NaN"},
		{"bare infinity", "[[1,-Infinity],[3,4]]", 2, "", pipeline.Rejected, "NaN"},
		{"NaN as a text", `[["NaN",2],[3,4]]`, 2, "", pipeline.Rejected, "NaN"},
		{"infinity as a text", `[[1,"-Infinity"],[3,4]]`, 2, "", pipeline.Rejected, "NaN"},
		{"a literal", "true", 1, "", pipeline.Transient, "a list expected"},
		{"nothing", "", 1, "", pipeline.Transient, "ends before"},
		{"a number among rows", "[[1,2],3]", 2, "", pipeline.Transient, "a list of numbers expected"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v, err := vectors.Nested([]byte(test.body), test.n, test.pool)
			if err == nil || pipeline.Classify(err) != test.class || !strings.Contains(err.Error(), test.text) {
				t.Errorf("err = %v (%s), want %s with %q", err, pipeline.Classify(err), test.class, test.text)
			}
			if v.Len() != 0 {
				t.Errorf("%d vectors came with the error", v.Len())
			}
			if test.class == pipeline.Misconfigured && !strings.Contains(pipeline.Hint(err), "pooling") {
				t.Errorf("hint = %q, want the option", pipeline.Hint(err))
			}
		})
	}
}

func TestRowsFailAlone(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		body   string
		n      int
		pool   vectors.Pooling
		failed []int
		want   [][]float32
	}{
		{"null element", "[[1,2],[3,null],[5,6]]", 3, "", []int{1}, [][]float32{{1, 2}, {5, 6}}},
		{"beyond float32", "[[1,1e39],[3,4]]", 2, "", []int{0}, [][]float32{{3, 4}}},
		{"zeros", "[[0,0.0],[3,4],[-0,0]]", 3, "", []int{0, 2}, [][]float32{{3, 4}}},
		{"null row first", "[null,[3,4]]", 2, "", []int{0}, [][]float32{{3, 4}}},
		{"empty rows around a bad one", "[[],[1,null],[3,4],null]", 4, "", []int{0, 1, 3}, [][]float32{{3, 4}}},
		{"all null", "[[null,null],[null,null]]", 2, "", []int{0, 1}, nil},
		{"all empty", "[[],[]]", 2, "", []int{0, 1}, nil},
		{"text without tokens", "[[[1,2]],[]]", 2, vectors.Mean, []int{1}, [][]float32{{1, 2}}},
		{"null in a token", "[[[1,2],[null,2]],[[3,4]]]", 2, vectors.Mean, []int{0}, [][]float32{{3, 4}}},
		{"flat null", "[1,null]", 1, "", []int{0}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v, err := vectors.Nested([]byte(test.body), test.n, test.pool)
			checkPartial(t, v, err, test.failed, test.want)
		})
	}
}

func checkPartial(t *testing.T, v pipeline.Vectors, err error, failed []int, want [][]float32) {
	t.Helper()
	p, ok := errors.AsType[*pipeline.PartialError](err)
	if !ok {
		t.Fatalf("err = %v, want a partial one", err)
	}
	for _, i := range failed {
		if pipeline.Classify(p.Failed[i]) != pipeline.Rejected {
			t.Errorf("row %d: %v, want it rejected", i, p.Failed[i])
		}
	}
	if len(p.Failed) != len(failed) {
		t.Errorf("failed: %v, want %v", p.Failed, failed)
	}
	if got := rows(v); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// FuzzNested compares with encoding/json wherever both take an answer.
func FuzzNested(f *testing.F) {
	for _, seed := range []string{"[[1,2],[3,4]]", "[[1,null],[3,4]]", "[[1, 2e-3 ],\n[ 3 ,4]]", "[[],[1]]", "[null,[1,2]]", "[[1,2],[3]]", "[[1,2]", "[[1e39,1],[1,1]]", "[[1,2],[0,0]]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, pool := range []vectors.Pooling{vectors.NoPooling, vectors.Mean, vectors.CLS} {
			_, _ = vectors.Nested(body, 2, pool) // must not panic
		}
		v, err := vectors.Nested(body, 2, vectors.NoPooling)
		var reference [][]*float64
		decoded := json.Unmarshal(body, &reference)
		if err != nil {
			if _, partial := errors.AsType[*pipeline.PartialError](err); !partial && decoded == nil && wellFormed(reference) {
				t.Fatalf("Nested(%q) = %v, but it is well formed", body, err)
			}
			return
		}
		if decoded != nil {
			if _, beyond := errors.AsType[*json.UnmarshalTypeError](decoded); beyond {
				return // a number beyond float64
			}
			t.Fatalf("Nested(%q) succeeded, encoding/json says %v", body, decoded)
		}
		if len(reference) != 2 || v.Len() != 2 {
			t.Fatalf("Nested(%q) = %d rows, encoding/json has %d", body, v.Len(), len(reference))
		}
		for i, row := range reference {
			for j, number := range row {
				got := v.At(i)[j]
				if d := math.Abs(float64(got) - *number); d > math.Abs(*number)/1e6+1e-44 {
					t.Fatalf("Nested(%q)[%d][%d] = %v, want %v", body, i, j, got, *number)
				}
			}
		}
	})
}

// wellFormed reports whether both rows are finite in float32 and of the same
// length.
func wellFormed(rows [][]*float64) bool {
	if len(rows) != 2 || len(rows[0]) == 0 || len(rows[0]) != len(rows[1]) {
		return false
	}
	return true
}

func ExampleNested() {
	v, err := vectors.Nested([]byte("[[0.25,0.5],[0.75,1]]"), 2, vectors.NoPooling)
	fmt.Println(v.Len(), v.Dim, v.At(1), err)
	// Output: 2 2 [0.75 1] <nil>
}
