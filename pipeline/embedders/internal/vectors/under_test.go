package vectors_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/vectors"
)

func TestUnderAndEachFindTheVectors(t *testing.T) {
	t.Parallel()
	under := func(fields ...string) func([]byte) (pipeline.Vectors, error) {
		return func(body []byte) (pipeline.Vectors, error) { return vectors.Under(body, 2, fields...) }
	}
	each := func(body []byte) (pipeline.Vectors, error) {
		return vectors.Each(body, 2, "items", "dense", "values")
	}
	tests := []struct {
		name   string
		decode func([]byte) (pipeline.Vectors, error)
		body   string
	}{
		{"Ollama", under("embeddings"), `{"model":"m","embeddings":[[1,2],[3,4]],"total_duration":1,"load_duration":2}`},
		{"Cohere", under("embeddings", "float"), `{"id":"x","embeddings":{"int8":null,"float":[[1,2],[3,4]]},"texts":["a","b"],"meta":{"float":[9]}}`},
		{"Cohere, base64", under("embeddings", "base64"), `{"embeddings":{"base64":["` + encode(1, 2) + `","` + encode(3, 4) + `"]}}`},
		{"SIE", each, `{"model":"m","items":[{"id":"0","dense":{"dims":2,"dtype":"float32","values":[1,2]},"sparse":null},{"dense":{"values":[3,4]}}],"timing":{}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v, err := test.decode([]byte(test.body))
			if err != nil || v.Dim != 2 || !slices.Equal(v.Data, []float32{1, 2, 3, 4}) {
				t.Errorf("got %+v, %v", v, err)
			}
		})
	}
}

func TestUnderRefusesWholeAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		class      pipeline.Class
		want       string
	}{
		{"none", `{"embeddings":[]}`, pipeline.Fatal, "0 vectors for 2"},
		{"few", `{"embeddings":[[1]]}`, pipeline.Fatal, "1 vectors for 2"},
		{"many", `{"embeddings":[[1],[2],[3]]}`, pipeline.Fatal, "3 vectors for 2"},
		{"twice", `{"embeddings":[[1],[2]],"embeddings":[[1],[2]]}`, pipeline.Fatal, "two lists"},
		{"lengths", `{"embeddings":[[1],[2,3]]}`, pipeline.Fatal, "different lengths"},
		{"tokens", `{"embeddings":[[[1]],[[2]]]}`, pipeline.Misconfigured, "each token"},
		{"cut off", `{"embeddings":[[1],[2`, pipeline.Transient, "ends"},
		{"NaN", `{"embeddings":[[NaN],[2]]}`, pipeline.Rejected, "NaN"},
		{"more behind", `{"embeddings":[[1],[2]]} x`, pipeline.Transient, "the end"},
	}
	for _, test := range tests {
		_, err := vectors.Under([]byte(test.body), 2, "embeddings")
		if err == nil || pipeline.Classify(err) != test.class || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v (%s), want %s with %q", test.name, err, pipeline.Classify(err), test.class, test.want)
		}
	}
	for _, body := range []string{`{"error":"x"}`, `{"embeddings":{"float":[[1]]}}`, `{"embeddings":null}`, `[]`, `"x"`} {
		if _, err := vectors.Under([]byte(body), 1, "embeddings"); !errors.Is(err, vectors.ErrNoData) {
			t.Errorf("%s: %v, want %v", body, err, vectors.ErrNoData)
		}
	}
}

func TestUnderAndEachLetRowsFailAlone(t *testing.T) {
	t.Parallel()
	v, err := vectors.Under([]byte(`{"embeddings":[[1,2],null,[0,0],[3,null],[3,4]]}`), 5, "embeddings")
	checkPartial(t, v, err, []int{1, 2, 3}, [][]float32{{1, 2}, {3, 4}})
	v, err = vectors.Each([]byte(`{"items":[{"dense":null},{"dense":{"values":[1,2]}},{}]}`), 3, "items", "dense", "values")
	checkPartial(t, v, err, []int{0, 2}, [][]float32{{1, 2}})
	v, err = vectors.Each([]byte(`{"items":[{"values":[1,2],"values":[3,4]}]}`), 1, "items", "values")
	if v.Len() != 0 || pipeline.Classify(err) != pipeline.Fatal {
		t.Errorf("two vectors in one element: %v, %v", v, err)
	}
}

func FuzzUnder(f *testing.F) {
	for _, body := range []string{
		`{"embeddings":[[1,2],[3,4]]}`, `{"embeddings":{"float":[[1],[2]]}}`, `{"embeddings":{"float":["AACAPw==",null]}}`,
		`{"items":[{"dense":{"values":[1]}},{"dense":{"values":[2]}}]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, decode := range []func() (pipeline.Vectors, error){
			func() (pipeline.Vectors, error) { return vectors.Under(body, 2, "embeddings") },
			func() (pipeline.Vectors, error) { return vectors.Under(body, 2, "embeddings", "float") },
			func() (pipeline.Vectors, error) { return vectors.Each(body, 2, "items", "dense", "values") },
		} {
			v, err := decode()
			want := 2
			if p, ok := errors.AsType[*pipeline.PartialError](err); ok {
				want -= len(p.Failed)
			} else if err != nil {
				want = 0
			}
			if v.Len() != want {
				t.Fatalf("%d vectors, want %d, with %v", v.Len(), want, err)
			}
		}
	})
}
