package vectors_test

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/vectors"
)

func encode(numbers ...float32) string {
	var raw []byte
	for _, f := range numbers {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(f))
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func TestItemsPlacesVectorsByIndex(t *testing.T) {
	t.Parallel()
	want := [][]float32{{1, 2}, {3, 4}, {5, 6}}
	tests := map[string]string{
		"in order":           `{"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[3,4]},{"index":2,"embedding":[5,6]}]}`,
		"out of order":       `{"object":"list","data":[{"embedding":[5,6],"index":2},{"index":0,"embedding":[1,2]},{"embedding":[3,4],"index":1}],"usage":{"total_tokens":3}}`,
		"without an index":   `{"data":[{"embedding":[1,2]},{"embedding":[3,4]},{"embedding":[5,6]}]}`,
		"null as index":      `{"data":[{"embedding":[1,2],"index":null},{"embedding":[3,4],"index":null},{"embedding":[5,6],"index":null}]}`,
		"base64":             `{"data":[{"index":1,"embedding":"` + encode(3, 4) + `"},{"index":0,"embedding":"` + encode(1, 2) + `"},{"index":2,"embedding":[5,6]}],"model":"m"}`,
		"other fields":       `{"id":"x","created":1,"error":null,"data":[{"object":"embedding","encoding_format":"base64","x":{"a":[1,{"b":"\u00e9"}]},"index":0,"embedding":[1,2]},{"index":1,"embedding":[3,4]},{"index":2,"embedding":[5,6]}]}`,
		"names with escapes": `{"d\u0061ta":[{"embedding":[1,2]},{"embedding":[3,4]},{"embedd\u0069ng":[5,6]}],"é":1}`,
		"escaped base64":     `{"data":[{"embedding":"` + strings.ReplaceAll(encode(1, 2), "A", `\u0041`) + `"},{"embedding":[3,4]},{"embedding":[5,6]}]}`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := vectors.Items([]byte(body), 3)
			if err != nil {
				t.Fatal(err)
			}
			if got := rows(v); !slices.EqualFunc(got, want, slices.Equal) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestBase64MayEscapeItsSlashes(t *testing.T) {
	t.Parallel()
	want := math.Nextafter32(1, 0) // "//9/Pw=="
	body := `{"data":[{"embedding":"` + strings.ReplaceAll(encode(want), "/", `\/`) + `"}]}`
	v, err := vectors.Items([]byte(body), 1)
	if err != nil || v.Len() != 1 || v.Data[0] != want {
		t.Errorf("%v, %v, want %v", v, err, want)
	}
}

func TestItemsRefusesWholeAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		class      pipeline.Class
		text       string
	}{
		{"index twice", `{"data":[{"index":0,"embedding":[1,2]},{"index":0,"embedding":[3,4]}]}`, pipeline.Fatal, "twice"},
		{"index beyond", `{"data":[{"index":1,"embedding":[1,2]},{"index":2,"embedding":[3,4]}]}`, pipeline.Fatal, "none of 2 texts"},
		{"index below", `{"data":[{"index":-1,"embedding":[1,2]},{"index":0,"embedding":[3,4]}]}`, pipeline.Fatal, "none of 2 texts"},
		{"index of a fraction", `{"data":[{"index":0.5,"embedding":[1,2]},{"index":0,"embedding":[3,4]}]}`, pipeline.Fatal, "none of 2 texts"},
		{"index for some", `{"data":[{"index":1,"embedding":[1,2]},{"embedding":[3,4]}]}`, pipeline.Fatal, "for some"},
		{"too few", `{"data":[{"index":0,"embedding":[1,2]}]}`, pipeline.Fatal, "1 vectors for 2 inputs"},
		{"too many", `{"data":[{"embedding":[1,2]},{"embedding":[1,2]},{"embedding":[1,2]}]}`, pipeline.Fatal, "3 vectors for 2 inputs"},
		{"different lengths", `{"data":[{"embedding":[1,2]},{"embedding":"` + encode(1) + `"}]}`, pipeline.Fatal, "different lengths"},
		{"two embeddings", `{"data":[{"embedding":[1,2],"embedding":[1,2]},{"embedding":[1,2]}]}`, pipeline.Fatal, "two embeddings"},
		{"tokens", `{"data":[{"embedding":[[1,2],[3,4]]},{"embedding":[[1,2]]}]}`, pipeline.Misconfigured, "each token"},
		{"base64 of a wrong length", `{"data":[{"embedding":"AAA="},{"embedding":[1]}]}`, pipeline.Transient, "length"},
		{"base64 with a break", `{"data":[{"embedding":"AACA\nPw=="},{"embedding":[1]}]}`, pipeline.Transient, "base64"},
		{"cut short", `{"data":[{"index":0,"embedding":[1,2]},{"ind`, pipeline.Transient, "ends before"},
		{"broken literal", `{"data":[],"x":nul}`, pipeline.Transient, "a value expected"},
		{"broken nesting", `{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, pipeline.Transient, "nesting"},
		{"two lists", `{"data":[],"data":[]}`, pipeline.Fatal, "two lists"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v, err := vectors.Items([]byte(test.body), 2)
			if err == nil || pipeline.Classify(err) != test.class || !strings.Contains(err.Error(), test.text) {
				t.Errorf("err = %v (%s), want %s with %q", err, pipeline.Classify(err), test.class, test.text)
			}
			if v.Len() != 0 {
				t.Errorf("%d vectors came with the error", v.Len())
			}
		})
	}
}

func TestItemsWithoutDataIsToldApart(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"error":{"message":"x"}}`, `{"data":null}`} {
		if _, err := vectors.Items([]byte(body), 1); !errors.Is(err, vectors.ErrNoData) {
			t.Errorf("Items(%s) = %v, want ErrNoData", body, err)
		}
	}
}

func TestItemsFailAlone(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	tests := []struct {
		name, body string
		failed     []int
		want       [][]float32
	}{
		{"NaN in base64", `{"data":[{"index":0,"embedding":"` + encode(1, nan) + `"},{"index":1,"embedding":"` + encode(3, 4) + `"},{"index":2,"embedding":[5,6]}]}`, []int{0}, [][]float32{{3, 4}, {5, 6}}},
		{"null, out of order", `{"data":[{"index":2,"embedding":null},{"index":0,"embedding":[5,6]},{"index":1,"embedding":[7,null]}]}`, []int{1, 2}, [][]float32{{5, 6}}},
		{"missing, in order", `{"data":[{"index":0},{"index":1,"embedding":[3,4]},{"index":2,"embedding":""}]}`, []int{0, 2}, [][]float32{{3, 4}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v, err := vectors.Items([]byte(test.body), 3)
			checkPartial(t, v, err, test.failed, test.want)
		})
	}
}

func TestBase64AgreesWithTheStandardLibrary(t *testing.T) {
	t.Parallel()
	for n := range 50 {
		want := make([]float32, n)
		for i := range want {
			want[i] = math.Float32frombits(uint32(i*n+1) * 2654435761)
		}
		got, err := vectors.Base64([]float32{7}, []byte(encode(want...)))
		if err != nil || got[0] != 7 || !slices.EqualFunc(got[1:], want, sameBits) {
			t.Fatalf("%d numbers: %v, %v, want %v", n, got, err, want)
		}
	}
}

func TestBase64RefusesAllOtherCharacters(t *testing.T) {
	t.Parallel()
	text := encode(1, -2, 3, 4e-5, 5, 6, 7, 8)
	for place := range len(text) {
		for c := range 256 {
			changed := []byte(text)
			changed[place] = byte(c)
			raw, reference := base64.StdEncoding.Strict().DecodeString(string(changed))
			valid := reference == nil && len(raw) == 32 && c != '\r' && c != '\n'
			if got, err := vectors.Base64(nil, changed); valid != (err == nil) || err != nil && len(got) != 0 {
				t.Errorf("%q: %v, %v, the standard library says %v", changed, got, err, reference)
			}
		}
	}
}

func sameBits(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }

func FuzzBase64(f *testing.F) {
	for _, seed := range []string{"", "AACAPw==", "AACAPwAAAEA=", "AACAPx==", "AACAPw=", "====", "AAAA", "AACAPwAAAEAAAEBA", "AACAPw==AACAPw==", "-_-_", "AACA\nPw=="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := vectors.Base64(nil, []byte(text))
		raw, reference := base64.StdEncoding.Strict().DecodeString(text)
		valid := reference == nil && len(raw)%4 == 0 && !strings.ContainsAny(text, "\r\n")
		if valid != (err == nil) {
			t.Fatalf("Base64(%q) = %v, the standard library says %v (%d bytes)", text, err, reference, len(raw))
		}
		for i := range got {
			if math.Float32bits(got[i]) != binary.LittleEndian.Uint32(raw[4*i:]) {
				t.Fatalf("Base64(%q)[%d] = %v", text, i, got[i])
			}
		}
	})
}

func FuzzItems(f *testing.F) {
	for _, seed := range []string{
		`{"data":[{"index":1,"embedding":[1,2]},{"index":0,"embedding":"AACAPwAAAEA="}]}`,
		`{"data":[{"embedding":null},{"index":0}],"x":[{"y":"\u00e9"}]}`, `{"error":"x"}`, `{"data":[[]]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := vectors.Items(body, 2)
		p, partial := errors.AsType[*pipeline.PartialError](err)
		switch {
		case err == nil && v.Len() != 2,
			partial && v.Len() != 2-len(p.Failed),
			err != nil && !partial && v.Len() != 0:
			t.Fatalf("Items(%q) = %d vectors, %v", body, v.Len(), err)
		}
	})
}
