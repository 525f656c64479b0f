package hub_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/embeddertest/tapes"
	"github.com/vecload/vecload/pipeline/embedders/huggingface/hub"
)

// replay returns a client that is answered as recorded, whatever fields it
// asks for: one recording may hold several answers for one model, of which
// the last counts.
func replay(t *testing.T, exchanges []tapes.Exchange) *hub.Client {
	t.Helper()
	answers := map[string]tapes.Exchange{}
	for _, e := range exchanges {
		answers[path(t, e)] = e
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e, ok := answers[r.URL.Path]
		if !ok {
			t.Errorf("nothing is recorded for %s", r.URL.Path)
		}
		for _, name := range []string{"Content-Type", "Location"} {
			for key, value := range e.Response.Headers {
				if strings.EqualFold(key, name) {
					w.Header().Set(name, value)
				}
			}
		}
		w.WriteHeader(e.Response.Status)
		_, _ = w.Write([]byte(e.Response.Body))
	}))
	t.Cleanup(server.Close)
	client, err := hub.New(hub.Options{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func path(t *testing.T, e tapes.Exchange) string {
	t.Helper()
	u, err := url.Parse(e.Request.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Path
}

func TestRecordedModels(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"js-hub-expand-pipeline_tag.json", "py-hub-model-info-full.json", "py-hub-inferenceProviderMapping.json"} {
		exchanges := tapes.Load(t, file)
		client := replay(t, exchanges)
		renamed, mapped := 0, 0
		for _, e := range exchanges {
			id := strings.TrimPrefix(path(t, e), "/api/models/")
			m, err := client.Model(t.Context(), id)
			if err != nil || m.ID == "" {
				t.Errorf("%s: %s: %+v, %v", file, id, m, err)
				continue
			}
			if m.ID != id {
				renamed++
			}
			for _, p := range m.Providers {
				mapped++
				if p.Name == "" || p.ID == "" || p.Task == "" || p.Status != hub.Live && p.Status != hub.Staging {
					t.Errorf("%s: %s: provider %+v", file, id, p)
				}
			}
			if strings.HasPrefix(file, "js-") && m.Task == "" || strings.Contains(file, "full") && (m.Task == "" || m.SHA == "" || len(m.Tags) == 0) {
				t.Errorf("%s: %s: %+v", file, id, m)
			}
		}
		if strings.Contains(file, "Mapping") && (renamed == 0 || mapped < 10) {
			t.Errorf("%s: %d renamed models and %d providers were read", file, renamed, mapped)
		}
	}
}
