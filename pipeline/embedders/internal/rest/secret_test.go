package rest_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

const hunter = `tok_+/"hunter2=`

// forms are those in which a server may repeat a token.
func forms(token string) []string {
	return []string{
		token, url.QueryEscape(token), url.PathEscape(token),
		base64.StdEncoding.EncodeToString([]byte(token)), base64.RawURLEncoding.EncodeToString([]byte(token)),
		base64.StdEncoding.EncodeToString([]byte("Bearer " + token)),
	}
}

func told(t *testing.T, what, text string) {
	t.Helper()
	for _, form := range forms(hunter) {
		if strings.Contains(text, form) {
			t.Errorf("%s tells the token: %s", what, text)
			return
		}
	}
	if text == "" {
		t.Errorf("%s tells nothing", what)
	}
}

func TestNoPartOfAnAnswerRepeatsTheToken(t *testing.T) {
	t.Parallel()
	for i, form := range forms(hunter) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Request-Id", form)
			w.Header().Set("Content-Type", "text/"+strings.ToLower(form))
			if strings.HasSuffix(r.URL.Path, "moved") {
				w.Header().Set("Location", "https://other.example/"+form)
				w.WriteHeader(http.StatusFound)
			}
			fmt.Fprintf(w, `{"error": %q}`, "you sent "+form)
		})
		c := newClient(t, rest.Options{URL: server.URL, Token: credential.New(hunter)})
		for _, path := range []string{"moved", "page"} {
			answer, err := c.Post(t.Context(), path, []byte(`{}`), 1000)
			if err != nil {
				t.Fatal(err)
			}
			told(t, fmt.Sprintf("form %d, detail of %s", i, path), answer.Detail().Text)
			told(t, fmt.Sprintf("form %d, %s", i, path), c.Unusable(answer, nil).Error())
		}
	}
}

func TestWhatIsNoAnswerDoesNotRepeatTheTokenEither(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"no HTTP":       "%s\r\n\r\n",
		"no status":     "HTTP/1.1 %s\r\n\r\n",
		"no header":     "HTTP/1.1 200 OK\r\n%s\r\n\r\n",
		"wrong length":  "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
		"wrong coding":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n",
		"wrong trailer": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err == nil {
					_, _ = io.WriteString(conn, fmt.Sprintf(answer, r.Header.Get("Authorization")))
					_ = conn.Close()
				}
			})
			c := newClient(t, rest.Options{URL: server.URL, Token: credential.New(hunter)})
			got, err := c.Post(t.Context(), "x", []byte(`{}`), 1000)
			if err == nil {
				t.Fatalf("got %d %q", got.Status, got.Body)
			}
			told(t, name, err.Error())
		})
	}
}

func TestHeadersOfAnAnswerAreBounded(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 2<<20))
	}))
	t.Cleanup(server.Close)
	if _, err := newClient(t, rest.Options{URL: server.URL}).Post(t.Context(), "x", []byte(`{}`), 1000); err == nil || !strings.Contains(err.Error(), "exceeded") {
		t.Errorf("got %v, want that 2 MiB of headers are not taken", err)
	}
}
