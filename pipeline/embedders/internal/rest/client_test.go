package rest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func newClient(t *testing.T, o rest.Options) *rest.Client {
	t.Helper()
	client, err := rest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestPostSendsJSONAndTheToken(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s %s %s %s", r.Method, r.URL, r.Header.Get("Content-Type"), r.Header.Get("Authorization"), r.Header.Get("X-Extra"), body)
	})
	client := newClient(t, rest.Options{
		URL: server.URL + "/base/", Token: credential.New("key"), Header: http.Header{"X-Extra": {"extra"}},
	})
	answer, err := client.Post(t.Context(), "a/b", []byte(`{"x":1}`), 1000)
	if err != nil {
		t.Fatal(err)
	}
	want := `POST /base/a/b application/json Bearer key extra {"x":1}`
	if string(answer.Body) != want || answer.Status != 200 || answer.Op != "POST "+server.URL+"/base/a/b" {
		t.Errorf("got %d %s: %s, want %s", answer.Status, answer.Op, answer.Body, want)
	}
}

func TestNewRefusesAddresses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		options rest.Options
		want    string
	}{
		{rest.Options{}, "missing"},
		{rest.Options{URL: "localhost:8080"}, "not an http or https address"},
		{rest.Options{URL: "ftp://host"}, "not an http or https address"},
		{rest.Options{URL: "https:///path"}, "not an http or https address"},
		{rest.Options{URL: "https://user:hunter2@host/"}, "user name"},
		{rest.Options{URL: "https://user:hunter2@host:port/"}, "cannot be read"},
		{rest.Options{URL: "https://host/?key=hunter2"}, "query"},
		{rest.Options{URL: "https://host/#hunter2"}, "fragment"},
		{rest.Options{URL: "http://example.com", Token: credential.New("hunter2")}, "clear text"},
		{rest.Options{URL: "http://localhost.example.com", Token: credential.New("hunter2")}, "clear text"},
		{rest.Options{URL: "https://host", Token: credential.New("hun\nter2")}, "character"},
		{rest.Options{URL: "https://host", Timeout: -1}, "negative"},
	}
	for _, test := range tests {
		_, err := rest.New(test.options)
		if pipeline.Classify(err) != pipeline.Misconfigured || !strings.Contains(fmt.Sprint(err), test.want) {
			t.Errorf("New(%s) = %v, want it misconfigured: %s", test.options.URL, err, test.want)
		}
		if strings.Contains(fmt.Sprint(err)+pipeline.Hint(err), "ter2") {
			t.Errorf("the secret is in %v", err)
		}
	}
	for _, o := range []rest.Options{
		{URL: "http://localhost:1", Token: credential.New("k")},
		{URL: "http://127.0.0.2:1", Token: credential.New("k")},
		{URL: "http://[::1]:1", Token: credential.New("k")},
		{URL: "http://example.com"},
		{URL: "http://example.com", Token: credential.New("k"), AllowClearText: true},
		{URL: "https://example.com", Token: credential.New("k")},
	} {
		if _, err := rest.New(o); err != nil {
			t.Errorf("New(%s) = %v", o.URL, err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	other := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the other host was asked") })
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/elsewhere?key=secret", http.StatusTemporaryRedirect)
	})
	client := newClient(t, rest.Options{URL: server.URL, Token: credential.New("k")})
	answer, err := client.Post(t.Context(), "x", []byte("{}"), 1000)
	if err != nil {
		t.Fatal(err)
	}
	e := client.Unusable(answer, nil)
	if e == nil || e.Class != pipeline.Misconfigured || !strings.Contains(e.Error(), other.URL+"/elsewhere") ||
		strings.Contains(e.Error(), "secret") || e.Hint == "" {
		t.Errorf("got %v, want the other address without its query", e)
	}
}

func TestASuccessThatIsNoJSONSaysSo(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<html>welcome</html>")
	})
	client := newClient(t, rest.Options{URL: server.URL})
	answer, err := client.Post(t.Context(), "x", []byte("{}"), 1000)
	if err != nil {
		t.Fatal(err)
	}
	if e := client.Unusable(answer, nil); e == nil || e.Class != pipeline.Misconfigured || !strings.Contains(e.Error(), "text/html, not JSON") {
		t.Errorf("got %v (%s)", e, pipeline.Classify(e))
	}
	client.Succeeded()
	if e := client.Unusable(answer, nil); e == nil || e.Class != pipeline.Transient {
		t.Errorf("once proven: %v, want it transient", e)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/error" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write(make([]byte, 1<<20))
			return
		}
		// A gigabyte would be 1 MB compressed; what counts is what comes out.
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "application/json")
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(bytes.Repeat([]byte(" "), 1<<20))
		_ = z.Close()
		_, _ = w.Write(packed.Bytes())
	})
	client := newClient(t, rest.Options{URL: server.URL})
	_, err := client.Post(t.Context(), "bomb", []byte("{}"), 1<<20-1)
	if pipeline.Classify(err) != pipeline.Misconfigured || !strings.Contains(err.Error(), "longer than 1048575 bytes") || pipeline.Hint(err) == "" {
		t.Errorf("err = %v, want it misconfigured", err)
	}
	client.Succeeded()
	if _, err := client.Post(t.Context(), "bomb", []byte("{}"), 1<<20-1); pipeline.Classify(err) != pipeline.Transient || pipeline.Hint(err) == "" {
		t.Errorf("once proven: %v (%s), want it transient", err, pipeline.Classify(err))
	}
	if !errors.Is(err, rest.ErrTooLong) || rest.Lost(err) {
		t.Errorf("err = %v, want it to be %v", err, rest.ErrTooLong)
	}
	// What is asked for without texts does not become shorter with fewer.
	_, err = client.Get(t.Context(), "bomb", 1<<20-1)
	if pipeline.Classify(err) != pipeline.Misconfigured || !errors.Is(err, rest.ErrTooLong) || pipeline.Hint(err) == "" {
		t.Errorf("GET: err = %v (%s), want it misconfigured", err, pipeline.Classify(err))
	}
	if answer, err := client.Post(t.Context(), "bomb", []byte("{}"), 1<<20); err != nil || len(answer.Body) != 1<<20 {
		t.Errorf("an answer of the limit: %v", err)
	}
	if answer, err := client.Post(t.Context(), "error", []byte("{}"), 10); err != nil || len(answer.Body) != 64<<10 {
		t.Errorf("the body of a failure: %v", err)
	}
}

func TestFailuresOnTheWayAreClassified(t *testing.T) {
	t.Parallel()
	closing := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[[1,")
			_ = conn.Close()
		}
	})
	says := func(text string) *httptest.Server {
		return serve(t, func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, text)
				_ = conn.Close()
			}
		})
	}
	noHTTP := says("220 smtp.example \x1b[31m ESMTP" + strings.Repeat("x", 2000) + "\r\n\r\n")
	noHeader := says("HTTP/1.1 200 OK\r\nX-Request-Id\x1b[31m: " + strings.Repeat("x", 2000) + "\r\n\r\n{}")
	slow := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	gone := httptest.NewServer(nil)
	gone.Close()
	tests := []struct {
		name          string
		url           string
		first, proven pipeline.Class
		text          string
	}{
		{"cut short", closing.URL, pipeline.Warming, pipeline.Transient, "before the answer was whole"},
		{"no HTTP", noHTTP.URL, pipeline.Misconfigured, pipeline.Transient, "does not speak HTTP"},
		{"no header", noHeader.URL, pipeline.Misconfigured, pipeline.Transient, "does not speak HTTP"},
		{"timeout", slow.URL, pipeline.Warming, pipeline.Transient, "no answer within 50ms"},
		{"refused", gone.URL, pipeline.Transient, pipeline.Transient, "refused"},
		{"certificate", secure.URL, pipeline.Misconfigured, pipeline.Misconfigured, "certificate"},
		{"http for https", strings.Replace(slow.URL, "http:", "https:", 1), pipeline.Misconfigured, pipeline.Misconfigured, "HTTP response"},
		{"unknown host", "http://host.invalid", pipeline.Misconfigured, pipeline.Transient, "host.invalid"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := rest.Options{URL: test.url}
			if test.name == "timeout" {
				o.Timeout = 50 * time.Millisecond
			}
			client := newClient(t, o)
			for _, want := range []pipeline.Class{test.first, test.proven} {
				_, err := client.Post(t.Context(), "x", []byte("{}"), 1000)
				if err == nil || pipeline.Classify(err) != want || !strings.Contains(err.Error(), test.text) {
					t.Errorf("err = %v (%s), want %s with %q", err, pipeline.Classify(err), want, test.text)
				}
				if text := fmt.Sprint(err); len(text) > 500 || strings.Contains(text, "\x1b") {
					t.Errorf("err = %q is not fit for a line", text)
				}
				if !rest.Lost(err) || rest.Lost(errors.New("another")) {
					t.Errorf("err = %v is not told apart from an answer", err)
				}
				if !strings.HasPrefix(fmt.Sprint(err), "POST "+test.url+"/x: ") || strings.Count(fmt.Sprint(err), test.url) > 1 {
					t.Errorf("err = %v, want the address once", err)
				}
				client.Succeeded()
			}
		})
	}
}

func TestACancelledCallReturnsTheContextsError(t *testing.T) {
	t.Parallel()
	began := make(chan struct{})
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(began)
		<-r.Context().Done()
	})
	client := newClient(t, rest.Options{URL: server.URL})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-began
		cancel()
	}()
	if _, err := client.Post(ctx, "x", []byte("{}"), 1000); !errors.Is(err, context.Canceled) || pipeline.Classify(err) != pipeline.Fatal {
		t.Errorf("err = %v, want the context's error", err)
	}
}

func TestSizeForetellsAnswers(t *testing.T) {
	t.Parallel()
	var size rest.Size
	if got := size.Limit(3); got > 8<<20 || got < 3*16384*20 {
		t.Errorf("unknown, three probes: %d", got)
	}
	size.Learn(384)
	if got, want := size.Limit(32), int64(32*384*64+1<<20); got != want {
		t.Errorf("known: %d, want %d", got, want)
	}
	if got := size.Limit(1 << 30); got != rest.MaxAnswer {
		t.Errorf("many: %d", got)
	}
}

func TestNoErrorRepeatsTheToken(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "for "+r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error": %q}`, strings.Repeat("x", 290)+" was sent with "+r.Header.Get("Authorization"))
	})
	c := newClient(t, rest.Options{URL: server.URL, Token: credential.New("tok_hunter2")})
	answer, err := c.Post(t.Context(), "embed", []byte(`{}`), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{answer.Error(pipeline.Rejected, "", answer.Detail(), nil).Error(), answer.Detail().Text} {
		if strings.Contains(text, "tok_h") || !strings.Contains(text, "x") {
			t.Errorf("got %q, want the server's words without the token", text)
		}
	}
}
