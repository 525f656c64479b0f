package vectors_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/internal/vectors"
)

// answer has n vectors of d numbers as Python prints those of a float32
// tensor: each as the shortest float64.
func answer(n, d int) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	b := []byte("[")
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		for j := range d {
			if j > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendFloat(b, float64(float32(r.NormFloat64()*0.05)), 'f', -1, 64)
		}
		b = append(b, ']')
	}
	return append(b, ']')
}

func BenchmarkNested(b *testing.B) {
	body := answer(32, 384)
	b.SetBytes(int64(len(body)))
	b.ReportMetric(float64(len(body))/(32*384), "B/number")
	for b.Loop() {
		if _, err := vectors.Nested(body, 32, vectors.NoPooling); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodingJSON(b *testing.B) {
	body := answer(32, 384)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		var v [][]float32
		if err := json.Unmarshal(body, &v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBase64(b *testing.B) {
	raw := make([]byte, 0, 4*1024)
	r := rand.New(rand.NewPCG(3, 4))
	for range 1024 {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(r.Float32()))
	}
	text := []byte(base64.StdEncoding.EncodeToString(raw))
	dst := make([]float32, 0, 1024)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := vectors.Base64(dst, text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkItems(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 4))
	body := []byte(`{"object":"list","data":[`)
	for i := range 32 {
		row := make([]float32, 384)
		for j := range row {
			row[j] = float32(r.NormFloat64() * 0.05)
		}
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, `{"object":"embedding","index":`+strconv.Itoa(i)+`,"embedding":"`+encode(row...)+`"}`...)
	}
	body = append(body, `],"model":"m","usage":{"prompt_tokens":1,"total_tokens":1}}`...)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := vectors.Items(body, 32); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	v, err := vectors.Nested(answer(32, 384), 32, vectors.NoPooling)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(4 * len(v.Data)))
	for b.Loop() {
		if _, err := vectors.Check(v, 32); err != nil {
			b.Fatal(err)
		}
	}
}
