package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// startHub starts a Hub that knows the models of a file: a JSON list of what
// it says of each. One with the field "new" was renamed to that. Of others it
// says what the real one says to somebody without a token.
func startHub(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: hub NAME FILE")
	}
	data, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	var models []map[string]any
	ts.Check(json.Unmarshal(data, &models))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		var answer any
		if id, one := strings.CutPrefix(r.URL.Path, "/api/models/"); one {
			for _, m := range models {
				if m["id"] != id {
					continue
				}
				if renamed, ok := m["new"].(string); ok {
					w.Header().Set("Location", "/api/models/"+renamed+"?"+r.URL.RawQuery)
					w.WriteHeader(http.StatusTemporaryRedirect)
					return
				}
				answer = m
			}
			if answer == nil {
				w.Header().Set("X-Error-Message", "Invalid username or password.")
				w.WriteHeader(http.StatusUnauthorized)
				answer = map[string]string{"error": "Invalid username or password."}
			}
		} else {
			list := []any{}
			for _, m := range models {
				if m["pipeline_tag"] == r.URL.Query().Get("pipeline_tag") && m["inference"] == "warm" {
					list = append(list, m)
				}
			}
			answer = list
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
}
