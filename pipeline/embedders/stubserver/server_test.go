package stubserver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

func serve(t *testing.T, o stubserver.Options) (*stubserver.Server, func(path, body string) (int, string)) {
	t.Helper()
	o.Vector = func(text string) []float32 { return []float32{float32(len(text)), 0.5} }
	stub := stubserver.New(o)
	server := httptest.NewServer(stub)
	t.Cleanup(server.Close)
	return stub, func(path, body string) (int, string) {
		response, err := http.Post(server.URL+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer response.Body.Close()
		answer, err := io.ReadAll(response.Body)
		if err != nil {
			t.Error(err)
		}
		return response.StatusCode, string(answer)
	}
}

const route = "/hf-inference/models/a/b/pipeline/feature-extraction"

func TestServerSpeaksTheProtocols(t *testing.T) {
	t.Parallel()
	_, post := serve(t, stubserver.Options{Model: "a/b", MaxTexts: 2, MaxBytes: 200})
	tests := []struct {
		path, body string
		status     int
		want       string
	}{
		{route, `{"inputs":["x","yy"]}`, 200, "[[1,0.5],[2,0.5]]"},
		{route, `{"inputs":"x"}`, 200, "[1,0.5]"},
		{"/embed", `{"inputs":["x","yy"],"normalize":true}`, 200, "[[1,0.5],[2,0.5]]"},
		{"/embed", `{"inputs":"x"}`, 200, "[[1,0.5]]"},
		{"/v1/embeddings", `{"model":"a/b","input":["x"]}`, 200, `"index":0,"embedding":[1,0.5]`},
		{"/v1/embeddings", `{"model":"a/b","input":["x"],"encoding_format":"base64"}`, 200, `"embedding":"AACAPwAAAD8="`},
		{"/hf-inference/models/a/b", `{"inputs":["x"]}`, 404, "Not Found"},
		{"/hf-inference/models/a/c/pipeline/feature-extraction", `{"inputs":["x"]}`, 400, "not supported by provider hf-inference"},
		{"/v1/embeddings", `{"model":"c","input":["x"]}`, 404, "does not exist"},
		{"/embed", `{"inputs":["x","y","z"]}`, 422, `"error":"batch size 3 > maximum allowed batch size 2","error_type":"Validation"`},
		{"/v1/embeddings", `{"model":"a/b","input":["x","y","z"]}`, 400, `{"error":{"message":"batch size 3`},
		{route, `{"inputs":["x","y","z"]}`, 413, "too large"},
		{"/embed", `{"inputs":["x",""]}`, 400, "cannot be empty"},
		{"/embed", `{"inputs":["` + strings.Repeat("x", 300) + `"]}`, 413, "length limit exceeded"},
		{"/embed", `{"inputs":`, 400, "parse"},
		{"/elsewhere", `{}`, 404, "404 page not found"},
	}
	for _, test := range tests {
		status, answer := post(test.path, test.body)
		if status != test.status || !strings.Contains(answer, test.want) {
			t.Errorf("%s %.60s: %d %s, want %d %s", test.path, test.body, status, answer, test.status, test.want)
		}
	}
}

func TestServerCountsAndFails(t *testing.T) {
	t.Parallel()
	stub, post := serve(t, stubserver.Options{Fail: func(r stubserver.Request) *stubserver.Failure {
		if r.Number == 2 {
			return &stubserver.Failure{Status: 503, Body: "{}"}
		}
		return nil
	}})
	for i, want := range []int{200, 503, 200} {
		if status, _ := post(route, `{"inputs":["x","y"]}`); status != want {
			t.Errorf("request %d: %d, want %d", i+1, status, want)
		}
	}
	if stub.Requests() != 3 || stub.Texts() != 4 || stub.MostInFlight() != 1 {
		t.Errorf("%d requests, %d texts, %d in flight", stub.Requests(), stub.Texts(), stub.MostInFlight())
	}
}

func TestServerLimitsTextsInFlight(t *testing.T) {
	t.Parallel()
	_, post := serve(t, stubserver.Options{TextsInFlight: 3, Latency: 200 * time.Millisecond})
	first := make(chan int)
	for range 2 {
		go func() {
			status, _ := post("/embed", `{"inputs":["x","y"]}`)
			first <- status
		}()
	}
	if a, b := <-first, <-first; a+b != 200+429 {
		t.Errorf("two requests of 2 texts with a limit of 3: %d and %d, want one refused", a, b)
	}
	if status, _ := post("/embed", `{"inputs":["x","y","z"]}`); status != 200 {
		t.Errorf("afterwards: %d", status)
	}
}

func TestServerWantsItsToken(t *testing.T) {
	t.Parallel()
	_, post := serve(t, stubserver.Options{Token: "key"})
	if status, body := post("/embed", `{"inputs":["x"]}`); status != 401 || body != "" {
		t.Errorf("got %d %q", status, body)
	}
}
