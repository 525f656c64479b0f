package main

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/proto"
)

// testJob returns a job of the first documents of a corpus.
func testJob(tb testing.TB, protocol string, documents, dim int) *job {
	tb.Helper()
	file, err := corpus{Documents: documents, Words: 10, Format: "jsonl"}.ensure(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	work, err := newJobs(file, protocol, documents, documents, dim)
	if err != nil {
		tb.Fatal(err)
	}
	return work.some[0]
}

func TestTheBareClientUpsertsTheNumbersOfAnswers(t *testing.T) {
	t.Parallel()
	const documents, dim = 7, 20 // 80 bytes, of which base64 leaves a rest
	for _, protocol := range []string{"huggingface", "tei", "openai"} {
		j := testJob(t, protocol, documents, dim)
		e := newEndpoint(endpointOptions{dim: dim})
		w := post(t, e, pathOf(protocol), string(j.body))
		if w.Code != http.StatusOK || e.texts.Load() != documents {
			t.Fatalf("%s: %d %s, %d texts", protocol, w.Code, w.Body, e.texts.Load())
		}
		newDecoder().of(protocol)(j, w.Body.Bytes())
		var sent pb.UpsertPoints
		if err := proto.Unmarshal(j.upsert, &sent); err != nil {
			t.Fatal(err)
		}
		want := vectorsOf(t, protocol, w.Body.Bytes())
		if len(sent.GetPoints()) != documents {
			t.Fatalf("%s: %d points", protocol, len(sent.GetPoints()))
		}
		for i, p := range sent.GetPoints() {
			for k, got := range p.GetVectors().GetVector().GetDense().GetData() {
				if !near(float64(got), float64(want[i][k])) {
					t.Errorf("%s: number %d of vector %d is %g, want %g", protocol, k, i, got, want[i][k])
				}
			}
			if p.GetPayload()["text"].GetStringValue() == "" {
				t.Errorf("%s: point %d has no text", protocol, i)
			}
		}
	}
}

// vectorsOf reads an answer with the standard library.
func vectorsOf(t *testing.T, protocol string, answer []byte) (out [][]float32) {
	t.Helper()
	if protocol != "openai" {
		if err := json.Unmarshal(answer, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	var items struct {
		Data []struct{ Embedding []byte }
	}
	if err := json.Unmarshal(answer, &items); err != nil {
		t.Fatal(err)
	}
	for _, item := range items.Data {
		var vector []float32
		for b := item.Embedding; len(b) > 0; b = b[4:] {
			vector = append(vector, math.Float32frombits(binary.LittleEndian.Uint32(b)))
		}
		out = append(out, vector)
	}
	return out
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-7*math.Abs(b) }

func TestNumbersAreReadAsPythonPrintsThem(t *testing.T) {
	t.Parallel()
	d := newDecoder()
	for text, want := range map[string]float64{
		"0": 0, "1": 1, "-1.0": -1, "12345678.5": 12345678.5, "0.04321234567890123": 0.04321234567890123,
		"-0.00012345678901234567": -0.00012345678901234567, "1.2345678901234567e-05": 1.2345678901234567e-05,
		"-9e-12": -9e-12, "1.5e-38": 1.5e-38, "3.4e+38": 3.4e38, "-0": 0, "1e-80": 0,
	} {
		for _, behind := range []string{",", "]", ",0.1", ", 12345678"} {
			got, end := d.number([]byte(text+behind), 0)
			if end != len(text) || !near(float64(got), want) {
				t.Errorf("%s%s: %g up to %d, want %g up to %d", text, behind, got, end, want, len(text))
			}
		}
	}
}

func TestTheBareClientEndsWithAnErrorWhenAServerIsMissing(t *testing.T) {
	t.Parallel()
	file, err := corpus{Documents: 40, Words: 10, Format: "jsonl"}.ensure(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const nobody = "http://127.0.0.1:1"
	for _, p := range []program{bareWhole, bareRequests, bareUpserts} {
		var out strings.Builder
		args := []string{"-kind", string(p), "-docs", "40", "-dim", "4", "-endpoint", nobody, "-qdrant", nobody, file}
		if err := runBare(t.Context(), args, &out); err == nil || out.Len() > 0 {
			t.Errorf("%s: no error, and %q", p, out.String())
		}
	}
	if _, err := newJobs(file, "tei", 41, 32, 4); err == nil {
		t.Error("a corpus of 40 documents gave 41")
	}
	if _, err := newJobs(filepath.Join(t.TempDir(), "none"), "tei", 40, 32, 4); err == nil {
		t.Error("no corpus gave documents")
	}
}

func BenchmarkBareDecode(b *testing.B) {
	const documents, dim = 32, 384
	for _, protocol := range []string{"huggingface", "openai"} {
		b.Run(protocol, func(b *testing.B) {
			j := testJob(b, protocol, documents, dim)
			answer := answerOf(b, protocol, j, dim)
			decode := newDecoder().of(protocol)
			b.SetBytes(int64(len(answer)))
			for b.Loop() {
				decode(j, answer)
			}
		})
	}
}

func answerOf(tb testing.TB, protocol string, j *job, dim int) []byte {
	tb.Helper()
	return post(tb, newEndpoint(endpointOptions{dim: dim}), pathOf(protocol), string(j.body)).Body.Bytes()
}

func TestWhatTheBareClientPreparesDoesNotCount(t *testing.T) {
	t.Parallel()
	m := measurement{Seconds: 9, User: 3, System: 1}
	if err := m.bareOnly([]byte(`{"written":1,"seconds":4,"prepared_cpu_seconds":0.5}`)); err != nil || m.Seconds != 4 || m.User != 2.5 || m.System != 1 {
		t.Errorf("%+v, %v", m, err)
	}
	if err := m.bareOnly([]byte("done")); err == nil {
		t.Error("no report is no error")
	}
}
