package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestCountTextsCountsWithoutDecoding(t *testing.T) {
	t.Parallel()
	tests := map[string]int{
		`{"inputs":["a"]}`:                              1,
		`{"inputs":["a","b","c"]}`:                      3,
		`{"model":"m","input":["a, \"b\"]","\\"]}`:      2,
		`{"input":["\\\"","\\\\","x"],"x":["y"]}`:       3,
		`{"inputs": [ "a" , "b" ] , "truncate" : true}`: 2,
		`{"inputs":["ü ] ["]}`:                          1,
		`{"inputs":[]}`:                                 0,
		`{"inputs":"alone"}`:                            0,
		`{"inputs":["cut`:                               0,
		`{"inputs":["cut"`:                              0,
		`{}`:                                            0,
		``:                                              0,
	}
	for body, want := range tests {
		if got := countTexts([]byte(body)); got != want {
			t.Errorf("%s: %d texts, want %d", body, got, want)
		}
	}
}

func FuzzCountTexts(f *testing.F) {
	f.Add("a", "b \\ \" ]")
	f.Add("", "ü")
	f.Fuzz(func(t *testing.T, a, b string) {
		body, err := json.Marshal(map[string][]string{"inputs": {a, b, a}})
		if err != nil {
			t.Fatal(err)
		}
		if got := countTexts(body); got != 3 {
			t.Errorf("%s: %d texts, want 3", body, got)
		}
		countTexts([]byte(a + b)) // never a panic
	})
}

func post(tb testing.TB, h http.Handler, path, body string) *httptest.ResponseRecorder {
	tb.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
	return w
}

func TestKeptAnswersHaveTheFormOfTheirRequests(t *testing.T) {
	t.Parallel()
	e := newEndpoint(endpointOptions{dim: 4})
	const route = "/hf-inference/models/m/pipeline/feature-extraction"
	for range 3 * variants { // first made, then kept
		for _, path := range []string{route, "/embed"} {
			var vectors [][]float32
			w := post(t, e, path, `{"inputs":["a","b"]}`)
			if err := json.Unmarshal(w.Body.Bytes(), &vectors); err != nil || len(vectors) != 2 || len(vectors[1]) != 4 {
				t.Fatalf("%s: %d %s (%v), want 2 × 4 numbers", path, w.Code, w.Body, err)
			}
		}
		var items struct {
			Data []struct{ Embedding []byte }
		}
		w := post(t, e, "/v1/embeddings", `{"model":"m","input":["a","b","c"],"encoding_format":"base64"}`)
		if err := json.Unmarshal(w.Body.Bytes(), &items); err != nil || len(items.Data) != 3 || len(items.Data[2].Embedding) != 16 {
			t.Fatalf("base64: %d %s (%v), want 3 × 16 bytes", w.Code, w.Body, err)
		}
		var numbers struct {
			Data []struct{ Embedding []float32 }
		}
		w = post(t, e, "/v1/embeddings", `{"model":"m","input":["a","b","c"]}`)
		if err := json.Unmarshal(w.Body.Bytes(), &numbers); err != nil || len(numbers.Data) != 3 || len(numbers.Data[2].Embedding) != 4 {
			t.Fatalf("numbers: %d %s (%v), want 3 × 4 numbers", w.Code, w.Body, err)
		}
	}
	if got, want := e.texts.Load(), int64(3*variants*(2+2+3+3)); got != want {
		t.Errorf("%d texts counted, want %d", got, want)
	}
}

func TestWhatIsNoRequestForVectorsIsAnsweredAsTheStubServerDoes(t *testing.T) {
	t.Parallel()
	e := newEndpoint(endpointOptions{dim: 4})
	if w := post(t, e, "/nowhere", `{"inputs":["a"]}`); w.Code != http.StatusNotFound {
		t.Errorf("an unknown route: %d, want 404", w.Code)
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/info", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "max_client_batch_size") {
		t.Errorf("/info: %d %s", w.Code, w.Body)
	}
}

func TestTheEndpointRefusesTooManyTextsInTheWordsOfTheServer(t *testing.T) {
	t.Parallel()
	e := newEndpoint(endpointOptions{dim: 4, maxBatch: 2})
	for body, want := range map[string]int{
		`{"inputs":["a","b"]}`:     http.StatusOK,
		`{"inputs":["a","b","c"]}`: http.StatusUnprocessableEntity,
	} {
		if w := post(t, e, "/embed", body); w.Code != want {
			t.Errorf("%s: %d %s, want %d", body, w.Code, w.Body, want)
		}
	}
	if e.texts.Load() != 2 {
		t.Errorf("%d texts were counted, want 2", e.texts.Load())
	}
}

func TestTheEndpointKeepsItsLatencyAndItsLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newEndpoint(endpointOptions{dim: 4, latency: time.Second, limit: 1})
		start := time.Now()
		done := make(chan int)
		go func() { done <- post(t, e, "/embed", `{"inputs":["a"]}`).Code }()
		synctest.Wait()
		if w := post(t, e, "/embed", `{"inputs":["b"]}`); w.Code != http.StatusTooManyRequests {
			t.Errorf("beyond the limit: %d, want 429", w.Code)
		}
		if code := <-done; code != http.StatusOK {
			t.Errorf("within the limit: %d, want 200", code)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("answered after %s, want 1s", took)
		}
		if e.refused.Load() != 1 || e.most.Load() != 2 {
			t.Errorf("%d refused, %d in flight at most; want 1 and 2", e.refused.Load(), e.most.Load())
		}
	})
}

func TestAServerEndsWithItsInput(t *testing.T) {
	t.Parallel()
	input, hold := io.Pipe()
	var out strings.Builder
	done := make(chan error)
	go func() { done <- serveQdrant(nil, input, &out) }()
	if err := hold.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(out.String()), "\n"); len(lines) != 2 || lines[1] != `{"requests":0}` {
		t.Errorf("printed %q, want an address and what was served", lines)
	}
}
