package tei_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/tei"
)

func info(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/info" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func describing(model, name string) string {
	return fmt.Sprintf(`{"model_id":%q,"model_sha":"5617a9f","served_model_name":%q,"max_concurrent_requests":512,"max_input_length":8192,"max_batch_tokens":16384,"max_client_batch_size":32,"auto_truncate":true,"version":"1.9.3"}`, model, name)
}

func TestTheServerIsAskedForModelAndLimits(t *testing.T) {
	t.Parallel()
	limits := embedders.Known{Revision: "5617a9f", Texts: 32, TextTokens: 8192, InFlightTexts: 512}
	tests := []struct{ want, id, name string }{
		{"BAAI/bge-m3", "BAAI/bge-m3", ""},
		{"", "BAAI/bge-m3", ""},
		{"baai/BGE-M3", "BAAI/bge-m3", ""},
		{"my/name", "BAAI/bge-m3", "my/name"},
		{"BAAI/bge-m3", "/repository", ""},
		{"BAAI/bge-m3", "./models/bge", ""},
		{"bge", "BAAI/bge-m3", ""},
	}
	for _, test := range tests {
		known, err := newClient(t, info(200, describing(test.id, test.name)), tei.Options{Model: test.want}).Describe(t.Context())
		want := limits
		want.Model = test.id
		if err != nil || known != want {
			t.Errorf("%+v: %+v, %v, want %+v", test, known, err, want)
		}
	}
}

func TestAServerOfAnotherModelIsFoundOut(t *testing.T) {
	t.Parallel()
	_, err := newClient(t, info(200, describing("BAAI/bge-m3", "BAAI/bge-m3")), tei.Options{Model: "intfloat/e5-small"}).Describe(t.Context())
	if pipeline.Classify(err) != pipeline.NotServed || err == nil || !strings.Contains(err.Error(), "serves BAAI/bge-m3, not intfloat/e5-small") {
		t.Errorf("%v (%s)", err, pipeline.Classify(err))
	}
}

func TestAGatewayMayKeepTheInfo(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]pipeline.Class{404: 0, 405: 0, 200: 0, 401: pipeline.Denied, 503: pipeline.Warming, 502: pipeline.Warming} {
		known, err := newClient(t, info(status, `{"status":"ok"}`), tei.Options{}).Describe(t.Context())
		if known != (embedders.Known{}) || want == 0 && err != nil || want != 0 && pipeline.Classify(err) != want {
			t.Errorf("%d: %+v, %v (%s), want %s", status, known, err, pipeline.Classify(err), want)
		}
	}
}
