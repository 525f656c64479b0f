package hub_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/huggingface/hub"
)

func newClient(t *testing.T, handler http.HandlerFunc) *hub.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	client, err := hub.New(hub.Options{URL: server.URL, Token: credential.New("hf_secret")})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func answer(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = io.WriteString(w, body)
}

func TestModelIsAskedWithItsFields(t *testing.T) {
	t.Parallel()
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		expand := strings.Join(r.URL.Query()["expand[]"], " ")
		if r.Method != http.MethodGet || r.URL.Path != "/api/models/a/b" || r.Header.Get("Authorization") != "Bearer hf_secret" ||
			expand != "inferenceProviderMapping inference pipeline_tag library_name tags gated private disabled sha" {
			t.Errorf("request %s %s, expand %s", r.Method, r.URL, expand)
		}
		answer(w, `{"_id":"1","id":"a/b","pipeline_tag":"feature-extraction","library_name":"sentence-transformers","sha":"abc",
			"tags":["x",null,7,"y"],"gated":"manual","private":true,"disabled":false,"inference":"warm","new":{"field":[1]},
			"inferenceProviderMapping":{"zeta":{"status":"live","providerId":"z","task":"feature-extraction","isModelAuthor":true},
			"alpha":{"status":"staging","providerId":"a","task":"conversational"},"odd":null,"list":[1]}}`)
	})
	got, err := client.Model(t.Context(), "a/b")
	if err != nil {
		t.Fatal(err)
	}
	want := hub.Model{
		ID: "a/b", Task: "feature-extraction", Library: "sentence-transformers", SHA: "abc", Tags: []string{"x", "y"},
		Gated: "manual", Private: true, Warm: true,
		Providers: []hub.Provider{
			{Name: "zeta", ID: "z", Status: hub.Live, Task: "feature-extraction"},
			{Name: "alpha", ID: "a", Status: hub.Staging, Task: "conversational"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMappingIsReadInAnyShape(t *testing.T) {
	t.Parallel()
	one := []hub.Provider{{Name: "p", ID: "i", Status: "live", Task: "t"}}
	tests := []struct {
		mapping string
		want    []hub.Provider
	}{
		{`{"p":{"providerId":"i","status":"live","task":"t"}}`, one},
		{`[{"provider":"p","providerId":"i","status":"live","task":"t"}]`, one},
		{`[{"providerId":"nameless"},7,null,{"provider":"p","providerId":"i","status":"live","task":"t"}]`, one},
		{`[{"provider":"p","providerId":"i","status":"live","task":"t"},{"provider":"p","status":"error"}]`, one},
		{`{"p":{"providerId":"i","status":"live","task":"t"},"p":{"status":"error"}}`, one},
		{`{}`, nil},
		{`[]`, nil},
		{`null`, nil},
		{`false`, nil},
		{`"hf-inference"`, nil},
	}
	for _, test := range tests {
		var m hub.Model
		if err := json.Unmarshal([]byte(`{"id":"a/b","inferenceProviderMapping":`+test.mapping+`}`), &m); err != nil {
			t.Errorf("%s: %v", test.mapping, err)
		}
		if diff := cmp.Diff(test.want, m.Providers); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.mapping, diff)
		}
	}
}

// What the Hub says becomes part of addresses and of what a terminal shows.
func TestWhatIsNoWordIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{`\u001b[31m`, `\u009b31m`, `\u202e`, `\n`, `\u0000`, `\ufeff`, strings.Repeat("x", 301)} {
		body := `{"id":"a/b","pipeline_tag":"x` + bad + `","library_name":"x` + bad + `","sha":"x` + bad + `","gated":"x` + bad + `","tags":["x` + bad + `"],
			"inferenceProviderMapping":{"x` + bad + `":{"status":"live"},"p":{"status":"x` + bad + `","providerId":"x` + bad + `","task":"x` + bad + `"}}}`
		var m hub.Model
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(hub.Model{ID: "a/b", Providers: []hub.Provider{{Name: "p"}}}, m); diff != "" {
			t.Errorf("%s (-want +got):\n%s", bad, diff)
		}
	}
	for _, bad := range []string{"", "../x", "a/b/c", "a b/c", "a/b?x", "a/b#x", "a/%2e%2e", `a/\u001b[31m`, "-a/b", "https://x/y"} {
		client := newClient(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, `{"id":"`+bad+`"}`) })
		if m, err := client.Model(t.Context(), "a/b"); m.ID != "" || hub.ReasonOf(err) != hub.Unavailable {
			t.Errorf("id %s: %+v, %v, want it refused", bad, m, err)
		}
	}
	var m hub.Model
	if err := json.Unmarshal([]byte(`{"id":"a/b","inferenceProviderMapping":[{"provider":"../x"},{"provider":"a b"},{"provider":"a/b"},{"provider":"fal-ai"}]}`), &m); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]hub.Provider{{Name: "fal-ai"}}, m.Providers); diff != "" {
		t.Errorf("names of providers (-want +got):\n%s", diff)
	}
}

func TestGatedHasTwoTypes(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"false": "", `"auto"`: "auto", `"manual"`: "manual", "true": "manual", "null": "", "1": ""} {
		var m hub.Model
		if err := json.Unmarshal([]byte(`{"id":"a","gated":`+value+`}`), &m); err != nil || m.Gated != want {
			t.Errorf("gated %s = %q, %v, want %q", value, m.Gated, err, want)
		}
	}
}

func TestRenamedModelIsFollowedOnTheSameHostOnly(t *testing.T) {
	t.Parallel()
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/models/old/name":
			w.Header().Set("Location", "/api/models/new/name?"+r.URL.RawQuery)
			w.WriteHeader(http.StatusTemporaryRedirect)
		case "/api/models/new/name":
			if !r.URL.Query().Has("expand[]") {
				t.Error("the query is lost with the redirect")
			}
			answer(w, `{"id":"new/name"}`)
		case "/api/models/scheme":
			w.Header().Set("Location", "https://"+r.Host+"/api/models/a")
			w.WriteHeader(http.StatusTemporaryRedirect)
		case "/api/models/circle":
			w.Header().Set("Location", "/api/models/circle")
			w.WriteHeader(http.StatusTemporaryRedirect)
		default:
			w.Header().Set("Location", "http://elsewhere.example/api/models/a")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}
	})
	if m, err := client.Model(t.Context(), "old/name"); err != nil || m.ID != "new/name" {
		t.Errorf("Model = %+v, %v", m, err)
	}
	for _, id := range []string{"away", "circle", "scheme"} {
		if _, err := client.Model(t.Context(), id); hub.ReasonOf(err) != hub.Unavailable {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// The status table of the Hub, as huggingface_hub reads it (utils/_http.py).
func TestStatusTableOfTheHub(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		header string // name: value
		body   string
		reason hub.Reason
		class  pipeline.Class
		after  time.Duration
		hint   string // part of it
	}{
		{"no token, recorded", 401, `WWW-Authenticate: Bearer realm="Authentication required", charset="UTF-8"`, `{"error":"Invalid username or password."}`, hub.Hidden, pipeline.Denied, 0, "private or gated"},
		{"no token, source", 401, "X-Error-Message: Invalid username or password.", "", hub.Hidden, pipeline.Denied, 0, "name of the model"},
		{"bad token, source", 401, "X-Error-Message: Invalid credentials in Authorization header", "", hub.BadToken, pipeline.Denied, 0, "settings/tokens"},
		{"gated, source", 403, "X-Error-Code: GatedRepo", "", hub.Gated, pipeline.Denied, 0, "ask for access"},
		{"gated, told to one with a token, source", 401, "X-Error-Code: GatedRepo", "", hub.Gated, pipeline.Denied, 0, "ask for access"},
		{"disabled, source", 403, "X-Error-Message: Access to this resource is disabled.", "", hub.Disabled, pipeline.NotServed, 0, "choose another"},
		{"scope, source", 403, "", `{"error":"Forbidden"}`, hub.NoRight, pipeline.Denied, 0, "may not read"},
		{"missing, source", 404, "X-Error-Code: RepoNotFound", `{"error":"Repository not found"}`, hub.Missing, pipeline.NotServed, 0, "name of the model"},
		{"missing, plain, source", 404, "X-Error-Code: RepoNotFound", "Repository not found", hub.Missing, pipeline.NotServed, 0, "name of the model"},
		{"missing without code, synthetic", 404, "", `{"error":"Repository not found"}`, hub.Missing, pipeline.NotServed, 0, "name of the model"},
		{"no revision, source", 404, "X-Error-Code: RevisionNotFound", `{"error":"Invalid rev id: main"}`, hub.Unavailable, pipeline.NotServed, 0, "no files"},
		{"a web page, synthetic", 404, "Content-Type: text/html", "<html>", hub.Unavailable, pipeline.Misconfigured, 0, "address of the Hub"},
		{"no such route, synthetic", 404, "Content-Type: text/plain", "404 page not found", hub.Unavailable, pipeline.Misconfigured, 0, "address of the Hub"},
		{"no such route of another kind, synthetic", 404, "", `{"detail":"Not Found"}`, hub.Unavailable, pipeline.Misconfigured, 0, "address of the Hub"},
		{"limit, documented", 429, `RateLimit: "api";r=0;t=55`, "", hub.Unavailable, pipeline.Throttled, 55 * time.Second, ""},
		{"limit, seconds, source", 429, `Retry-After: 12`, "", hub.Unavailable, pipeline.Throttled, 12 * time.Second, ""},
		{"another limit, source", 429, `RateLimit: "api";r=12;t=55`, "", hub.Unavailable, pipeline.Throttled, 0, ""},
		{"down, synthetic", 502, "Content-Type: text/html", "<html>", hub.Unavailable, pipeline.Transient, 0, ""},
		{"no JSON, synthetic", 200, "Content-Type: text/html", "<html>", hub.Unavailable, pipeline.Misconfigured, 0, "address of the Hub"},
		{"no model, synthetic", 200, "", `[]`, hub.Unavailable, pipeline.Misconfigured, 0, "address of the Hub"},
		{"no end, synthetic", 200, "", `{"id":"` + strings.Repeat("x", 5<<20), hub.Unavailable, pipeline.Misconfigured, 0, "check the url"},
		{"elsewhere, synthetic", 307, "Location: https://elsewhere.example/x?token=hf_secret", "", hub.Unavailable, pipeline.Misconfigured, 0, "redirects are not followed"},
		{"elsewhere for good, synthetic", 301, "Location: https://elsewhere.example/x", "", hub.Unavailable, pipeline.Misconfigured, 0, "redirects are not followed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if name, value, ok := strings.Cut(test.header, ": "); ok {
					w.Header().Set(name, value)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			_, err := client.Model(t.Context(), "a/b")
			if hub.ReasonOf(err) != test.reason || pipeline.Classify(err) != test.class || pipeline.After(err) != test.after {
				t.Errorf("err = %v: reason %d (%s, after %s), want %d (%s, after %s)", err,
					hub.ReasonOf(err), pipeline.Classify(err), pipeline.After(err), test.reason, test.class, test.after)
			}
			if !strings.Contains(pipeline.Hint(err), test.hint) {
				t.Errorf("hint = %q, want %q in it", pipeline.Hint(err), test.hint)
			}
			if err != nil && strings.Contains(err.Error(), "hf_secret") {
				t.Error("the token is in the message")
			}
		})
	}
}

func TestNamesThatWouldChangeThePathAreNotAsked(t *testing.T) {
	t.Parallel()
	client := newClient(t, func(http.ResponseWriter, *http.Request) { t.Error("the Hub was asked") })
	for _, id := range []string{"", "a/b/c", "../x", "a/..", "a?b", "https://x"} {
		if _, err := client.Model(t.Context(), id); hub.ReasonOf(err) != hub.NoName || pipeline.Classify(err) != pipeline.Misconfigured {
			t.Errorf("Model(%q): %v", id, err)
		}
	}
}

// handler answers without a network, so that time may be virtual.
type handler http.HandlerFunc

func (h handler) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h(w, r)
	return w.Result(), nil
}

func TestAnswersAreKeptForTenMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		client, err := hub.New(hub.Options{HTTP: &http.Client{Transport: handler(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			if strings.HasSuffix(r.URL.Path, "/down") {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			answer(w, `{"id":"a/b"}`)
		})}})
		if err != nil {
			t.Fatal(err)
		}
		ask := func(id string, want int64) {
			t.Helper()
			_, _ = client.Model(t.Context(), id)
			if got := asked.Load(); got != want {
				t.Errorf("the Hub was asked %d times, want %d", got, want)
			}
		}
		ask("a/b", 1)
		<-time.After(9 * time.Minute)
		ask("a/b", 1)
		<-time.After(2 * time.Minute)
		ask("a/b", 2)
		ask("a/down", 3)
		ask("a/down", 4) // a failure to ask says nothing about the model
	})
}

func TestServedModelsAreReadPageByPage(t *testing.T) {
	t.Parallel()
	var base string
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		base = "http://" + r.Host
		q := r.URL.Query()
		if q.Get("inference_provider") != "hf-inference,together" {
			t.Errorf("query %s", r.URL.RawQuery)
		}
		const live = `"inferenceProviderMapping":[{"provider":"hf-inference","status":"live","task":"sentence-similarity","providerId":"x"}]`
		switch q.Get("pipeline_tag") + q.Get("page") {
		case "feature-extraction":
			w.Header().Set("Link", `<`+base+`/api/models?`+r.URL.RawQuery+`&page=2>; rel="next"`)
			answer(w, `[{"id":"a/one",`+live+`},{"id":"a/staging","inferenceProviderMapping":[{"provider":"hf-inference","status":"staging","task":"feature-extraction"}]}]`)
		case "feature-extraction2":
			w.Header().Set("Link", `<https://elsewhere.example/api/models>; rel="next"`)
			answer(w, `[{"id":"a/two",`+live+`}]`)
		default:
			answer(w, `[{"id":"a/one",`+live+`},{"id":"a/three",`+live+`},{"id":"a/four",`+live+`}]`)
		}
	})
	got, err := client.Served(t.Context(), hub.Query{
		Tasks: []string{"feature-extraction", "sentence-similarity"}, Providers: []string{"hf-inference", "together"}, Most: 3,
	})
	ids := make([]string, len(got))
	for i, m := range got {
		ids[i] = m.ID
	}
	if err != nil || !cmp.Equal(ids, []string{"a/one", "a/two", "a/three"}) {
		t.Errorf("Served = %v, %v", ids, err)
	}
}

func TestServedStopsAfterAFewPages(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("Link", `<http://`+r.Host+`/api/models?again=1>; rel="next"`)
		answer(w, `[]`)
	})
	if _, err := client.Served(t.Context(), hub.Query{Tasks: []string{"t"}, Most: 10}); err != nil || asked.Load() != 3 {
		t.Errorf("asked %d times, %v", asked.Load(), err)
	}
}
