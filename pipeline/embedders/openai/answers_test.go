package openai_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
	"github.com/vecload/vecload/pipeline/embedders/openai"
)

func TestSomebodyInBetweenSaysWhatItsAnswersMean(t *testing.T) {
	t.Parallel()
	status := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Who-Pays") != "org" {
			t.Error("the header is missing")
		}
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"error":"x"}`)
	}))
	t.Cleanup(server.Close)
	client, err := openai.New(openai.Options{
		URL: server.URL, Model: "x", Header: http.Header{"X-Who-Pays": {"org"}},
		Answers: func(a *rest.Answer, _ bool) (pipeline.Class, string, bool) {
			return pipeline.Warming, "wait for the gateway", a.Status == http.StatusTeapot
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		status int
		class  pipeline.Class
	}{{http.StatusTeapot, pipeline.Warming}, {http.StatusPaymentRequired, pipeline.Denied}} {
		status = test.status
		_, err := client.Embed(t.Context(), []string{"x"})
		if pipeline.Classify(err) != test.class || (pipeline.Hint(err) == "wait for the gateway") != (test.class == pipeline.Warming) {
			t.Errorf("%d: %v (%s, %q), want %s", test.status, err, pipeline.Classify(err), pipeline.Hint(err), test.class)
		}
		if test.class == pipeline.Warming && pipeline.After(err) != 7*time.Second {
			t.Errorf("after %s, want 7s", pipeline.After(err))
		}
	}
}

// The bodies have the forms that llama.cpp b10434 answers with: beside /v1, and
// to dimensions.
func TestAnswersToAnotherQuestionAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body, hint string
		dimensions       int
	}{
		{"another route", `[{"index":0,"embedding":[[1,2,3]]}]`, "/v1", 0},
		{"a route of vectors", " \n[[1,2,3]]", "/v1", 0},
		{"vectors that are not cut", `{"data":[{"index":0,"embedding":[1,2,3]}]}`, "leave dimensions out", 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json; charset=utf-8")
				_, _ = io.WriteString(w, test.body)
			}), openai.Options{Dimensions: test.dimensions})
			v, err := client.Embed(t.Context(), []string{"a"})
			if pipeline.Classify(err) != pipeline.Misconfigured || err == nil || v.Len() != 0 || !strings.Contains(pipeline.Hint(err), test.hint) {
				t.Errorf("%v, %v (%s, hint %q), want it misconfigured with %q", v, err, pipeline.Classify(err), pipeline.Hint(err), test.hint)
			}
		})
	}
}
