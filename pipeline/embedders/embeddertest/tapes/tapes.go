// Package tapes reads recorded HTTP exchanges for tests. The recordings are
// not part of the repository: they are looked for in the folder that
// VECLOAD_TAPES names, else in ../shared/tapes beside the module.
package tapes

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Exchange is one recorded request and its answer.
type Exchange struct {
	Request struct {
		Method string `json:"method"`
		URL    string `json:"url"`
		Body   string `json:"body"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	} `json:"response"`
}

// Load returns the exchanges of one recording, or skips the test where there
// are no recordings.
func Load(t *testing.T, name string) []Exchange {
	t.Helper()
	folder := os.Getenv("VECLOAD_TAPES")
	if folder == "" {
		folder = filepath.Join(moduleRoot(t), "..", "shared", "tapes")
	}
	data, err := os.ReadFile(filepath.Join(folder, name)) //nolint:gosec // a folder that the tester names
	if os.IsNotExist(err) {
		t.Skipf("no recorded exchanges: %s is not in VECLOAD_TAPES or ../shared/tapes", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	var list []Exchange
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		list = make([]Exchange, 1)
		err = json.Unmarshal(data, &list[0])
	} else {
		err = json.Unmarshal(data, &list)
	}
	if err != nil || len(list) == 0 {
		t.Fatalf("%s: %d exchanges, %v", name, len(list), err)
	}
	return list
}

// Texts returns the texts of the recorded request, one where it is a string.
func (e *Exchange) Texts(t *testing.T) []string {
	t.Helper()
	var request struct {
		Inputs json.RawMessage `json:"inputs"`
		Input  json.RawMessage `json:"input"`
	}
	if err := json.Unmarshal([]byte(e.Request.Body), &request); err != nil {
		t.Fatal(err)
	}
	raw := request.Inputs
	if request.Input != nil {
		raw = request.Input
	}
	var texts []string
	if json.Unmarshal(raw, &texts) == nil {
		return texts
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		t.Fatal(err)
	}
	return []string{text}
}

// Path returns the path of the recorded request on today's route: the model
// comes before the task since May 2025.
func (e *Exchange) Path(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(e.Request.URL)
	if err != nil {
		t.Fatal(err)
	}
	const task = "feature-extraction"
	if model, ok := strings.CutPrefix(u.Path, "/hf-inference/pipeline/"+task+"/"); ok {
		return "/hf-inference/models/" + model + "/pipeline/" + task
	}
	return u.Path
}

// Serve answers requests to path with the recorded answers, one after the
// other, and fails the test at any other request.
func Serve(t *testing.T, path string, exchanges []Exchange) *httptest.Server {
	t.Helper()
	next := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path || next >= len(exchanges) {
			t.Errorf("request %d goes to %s, the recording to %s", next+1, r.URL.Path, path)
			http.NotFound(w, r)
			return
		}
		answer := exchanges[next].Response
		next++
		for name, value := range answer.Headers {
			switch strings.ToLower(name) {
			case "connection", "content-length", "transfer-encoding", "content-encoding":
			default:
				w.Header().Set(name, value)
			}
		}
		w.WriteHeader(answer.Status)
		_, _ = w.Write([]byte(answer.Body))
	}))
	t.Cleanup(server.Close)
	return server
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for folder != filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		folder = filepath.Dir(folder)
	}
	t.Fatal("the test does not run within the module")
	return ""
}
