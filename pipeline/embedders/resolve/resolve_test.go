package resolve_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/huggingface"
	"github.com/vecload/vecload/pipeline/embedders/huggingface/hub"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
	"github.com/vecload/vecload/pipeline/embedders/resolve"
)

// failed is the error of a probe; status 0 is one without an answer.
func failed(class pipeline.Class, status int) error {
	if status == 0 {
		client, err := rest.New(rest.Options{URL: "http://127.0.0.1:1"}) // where nobody listens
		if err == nil {
			_, err = client.Get(context.Background(), "", 1)
		}
		return err
	}
	return (&rest.Answer{Op: "POST x", Status: status}).Error(class, "hint of the client", rest.Detail{}, nil)
}

func providers(all ...hub.Provider) resolve.Hub {
	return resolve.Hub{Model: hub.Model{ID: "a/b", Task: "feature-extraction", Providers: all}}
}

// noModel is what a real client says when the Hub answers so.
func noModel(t *testing.T, status int, code string) resolve.Hub {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Error-Code", code)
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	client, err := hub.New(hub.Options{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Model(t.Context(), "a/b")
	return resolve.Hub{Err: err}
}

// noName is what a client says of what cannot be the name of a model.
func noName(t *testing.T) error {
	t.Helper()
	client, err := hub.New(hub.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Model(t.Context(), "a/b?\x1b[31m")
	return err
}

func TestEachEndpointHasAState(t *testing.T) {
	t.Parallel()
	entry := func(status string) resolve.Hub {
		return providers(hub.Provider{Name: "hf-inference", Status: status, Task: "feature-extraction"})
	}
	tests := []struct {
		name  string
		hub   resolve.Hub
		err   error
		wrong bool
		want  resolve.State
		class pipeline.Class // of a run with this endpoint alone
	}{
		{"serves", entry(hub.Live), nil, false, resolve.Served, pipeline.Fatal},
		{"serves whatever the Hub says", providers(), nil, false, resolve.Served, pipeline.Fatal},
		{"warms up", entry(hub.Live), failed(pipeline.Warming, 503), false, resolve.Warming, pipeline.Fatal},
		{"warms up, unknown to the Hub", resolve.Hub{Err: errors.New("down")}, failed(pipeline.Warming, 503), false, resolve.Warming, pipeline.Fatal},
		{"throttles", entry(hub.Live), failed(pipeline.Throttled, 429), false, resolve.Throttled, pipeline.Fatal},
		{"not served", providers(), failed(pipeline.NotServed, 400), false, resolve.NotServed, pipeline.NotServed},
		{"staging", entry(hub.Staging), failed(pipeline.NotServed, 400), false, resolve.Staging, pipeline.NotServed},
		{"sick and down", entry(hub.Failing), failed(pipeline.Warming, 502), false, resolve.Failing, pipeline.Transient},
		{"sick and gone", entry(hub.Failing), failed(pipeline.NotServed, 404), false, resolve.Failing, pipeline.NotServed},
		{"sick for the Hub and well here", entry(hub.Failing), nil, false, resolve.Served, pipeline.Fatal},
		{"no token", entry(hub.Live), failed(pipeline.Denied, 401), false, resolve.NoRight, pipeline.Denied},
		{"no right", entry(hub.Live), failed(pipeline.Denied, 403), false, resolve.NoRight, pipeline.Denied},
		{"no credit", entry(hub.Live), failed(pipeline.Denied, 402), false, resolve.NoCredit, pipeline.Denied},
		{"no quota", entry(hub.Live), failed(pipeline.Denied, 429), false, resolve.NoCredit, pipeline.Denied},
		{"nobody there", entry(hub.Live), failed(pipeline.Transient, 0), false, resolve.Unreachable, pipeline.Transient},
		{"no such host", entry(hub.Live), &pipeline.Error{Class: pipeline.Misconfigured, Err: &net.DNSError{IsNotFound: true}}, false, resolve.Unreachable, pipeline.Transient},
		{"no vectors", entry(hub.Live), &pipeline.Error{Class: pipeline.Transient, Err: errors.New("the answer is not the JSON it should be")}, false, resolve.Failed, pipeline.Transient},
		{"a fault", entry(hub.Live), failed(pipeline.Transient, 500), false, resolve.Failed, pipeline.Transient},
		{"a web page", entry(hub.Live), failed(pipeline.Misconfigured, 200), false, resolve.Misconfigured, pipeline.Misconfigured},
		{"nobody classified it", entry(hub.Live), errors.New("odd"), false, resolve.Failed, pipeline.Transient},
		{"a wrong address", entry(hub.Live), nil, true, resolve.WrongAddress, pipeline.Misconfigured},
	}
	for _, test := range tests {
		e := resolve.Endpoint{Name: "huggingface, hf-inference", Provider: "hf-inference", Err: test.err}
		if test.wrong {
			e.Wrong = &huggingface.Mistake{What: "is a page", Right: "https://right", Do: "write it"}
		}
		r := resolve.Decide(resolve.Input{Model: "a/b", Hub: test.hub, Endpoints: []resolve.Endpoint{e}})
		if r.Findings[0].State != test.want || r.Class != test.class || (r.Use == 0) != test.want.Usable() {
			t.Errorf("%s: %s, class %s, uses %d, want %s and %s", test.name, r.Findings[0].State, r.Class, r.Use, test.want, test.class)
		}
		if r.Use < 0 && (r.Reason == "" || r.Findings[0].Detail == "") {
			t.Errorf("%s: no reason: %+v", test.name, r)
		}
		if test.wrong && !strings.Contains(r.Findings[0].Hint, "https://right") {
			t.Errorf("hint %q lacks the right address", r.Findings[0].Hint)
		}
	}
}

func TestTheFirstUsableEndpointIsUsed(t *testing.T) {
	t.Parallel()
	r := resolve.Decide(resolve.Input{Endpoints: []resolve.Endpoint{
		{Name: "a", Err: failed(pipeline.NotServed, 404)},
		{Name: "b", Err: failed(pipeline.Warming, 503)},
		{Name: "c"},
	}})
	if r.Use != 1 || r.Reason != "" || r.Advice != nil {
		t.Errorf("uses %d, %q %q, want the second", r.Use, r.Reason, r.Advice)
	}
}

func TestWithSeveralTheClassIsWhatCanBeMended(t *testing.T) {
	t.Parallel()
	no, down, denied := failed(pipeline.NotServed, 404), failed(pipeline.Transient, 0), failed(pipeline.Denied, 401)
	wrong := failed(pipeline.Misconfigured, 200)
	for _, test := range []struct {
		errs []error
		want pipeline.Class
	}{
		{[]error{no, no}, pipeline.NotServed},
		{[]error{no, down}, pipeline.Transient},
		{[]error{no, denied, down}, pipeline.Denied},
		{[]error{denied, wrong}, pipeline.Misconfigured},
	} {
		var in resolve.Input
		for _, err := range test.errs {
			in.Endpoints = append(in.Endpoints, resolve.Endpoint{Err: err})
		}
		if r := resolve.Decide(in); r.Class != test.want {
			t.Errorf("%v: %s, want %s", test.errs, r.Class, test.want)
		}
	}
}

func TestWhyAModelIsNotServed(t *testing.T) {
	t.Parallel()
	const fe = "feature-extraction"
	video := resolve.Hub{Model: hub.Model{ID: "a/b", Task: "text-to-video", Providers: []hub.Provider{{Name: "fal-ai", Status: hub.Live, Task: "text-to-video"}}}}
	others := []hub.Model{{ID: "x/served", Task: "sentence-similarity"}, {ID: "x/video", Task: "text-to-video"}}
	tests := []struct {
		name   string
		hub    resolve.Hub
		reason string
		advice string // part of all advice
	}{
		{"CLIP", resolve.Hub{Model: hub.Model{ID: "a/b", Task: "zero-shot-image-classification"}}, "no provider serves this model", "endpoint; or choose one that is served: x/served"},
		{"a model for TEI", resolve.Hub{Model: hub.Model{ID: "a/b", Task: fe, Tags: []string{"text-embeddings-inference"}}}, "no provider serves this model", "tei: {url"},
		{"another task", video, "a/b is a model for text-to-video: it makes no vectors of texts (served by fal-ai for that)", "choose a model for feature-extraction"},
		{"a known third party", providers(hub.Provider{Name: "together", Status: hub.Live, Task: fe}), "a/b is served by together, and by none of those that were asked", "provider: together"},
		{"an unknown third party", providers(hub.Provider{Name: "newcomer", Status: hub.Live, Task: fe}), "a/b is served by newcomer, and", "route:"},
		{"staging elsewhere", providers(hub.Provider{Name: "together", Status: hub.Staging, Task: fe}), "a/b is in staging at together", "host it yourself"},
		{"sick elsewhere", providers(hub.Provider{Name: "together", Status: hub.Failing, Task: fe}), "a/b fails the health check of together", "try again later"},
		{"denied", providers(hub.Provider{Name: "hf-inference", Status: hub.Live, Task: fe}), "the Hub says that hf-inference serves a/b, and the answer says otherwise", "try again later"},
		{"a status that nobody knows", providers(hub.Provider{Name: "hf-inference", Status: "paused", Task: fe}), "no provider serves this model", "host it"},
		{"a task that nobody names", providers(hub.Provider{Name: "together", Status: hub.Live}), "no provider serves this model", "host it"},
		{"chat only", providers(hub.Provider{Name: "together", Status: hub.Live, Task: "conversational"}), "no provider serves a/b for embeddings, only together for another task", "host it"},
		{"no name", resolve.Hub{Err: noName(t)}, "there can be no model \"a/b\" on the Hub", "owner/name"},
		{"missing", noModel(t, 404, "RepoNotFound"), "there is no model a/b on the Hub", "owner/name"},
		{"hidden", noModel(t, 401, ""), "the Hub shows no model a/b", "token"},
		{"gated", noModel(t, 403, "GatedRepo"), "a/b is gated", "ask for it"},
		{"no Hub", noModel(t, 500, ""), "no endpoint can be used", "hint of the client"},
	}
	for _, test := range tests {
		test.hub.Served = others
		r := resolve.Decide(resolve.Input{Model: "a/b", Hub: test.hub, Endpoints: []resolve.Endpoint{
			{Name: "huggingface, hf-inference", Provider: "hf-inference", Err: failed(pipeline.NotServed, 404)},
		}})
		if !strings.HasPrefix(r.Reason, test.reason) || !strings.Contains(strings.Join(r.Advice, "; "), test.advice) {
			t.Errorf("%s: %q\n%q\nwant %q and %q", test.name, r.Reason, r.Advice, test.reason, test.advice)
		}
		for _, line := range append(r.Advice, r.Reason) {
			if strings.HasSuffix(line, ".") || strings.Contains(line, "\n") {
				t.Errorf("%s: %q is no line without a full stop", test.name, line)
			}
		}
	}
}

func TestServersOfOnesOwnAreNotExplainedByTheHub(t *testing.T) {
	t.Parallel()
	r := resolve.Decide(resolve.Input{Model: "a/b", Hub: providers(), Endpoints: []resolve.Endpoint{
		{Name: "tei", Err: failed(pipeline.NotServed, 404)},
	}})
	if r.Reason != "no endpoint can be used: not served" || fmt.Sprint(r.Advice) != "[hint of the client]" {
		t.Errorf("%q %q", r.Reason, r.Advice)
	}
}
