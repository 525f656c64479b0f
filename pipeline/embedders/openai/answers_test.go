package openai_test

import (
	"io"
	"net/http"
	"net/http/httptest"
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
