package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAScreenShowsWhatActs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain\ttext\n":     "plain\ttext\n",
		"Grüße, 世界 👩‍🚀":     "Grüße, 世界 👩‍🚀",
		"\x1b[31mred":       `\u001b[31mred`,
		"over\rwritten\x07": `over\u000dwritten\u0007`,
		"\x7f\u009b31m":     `\u007f\u009b31m`,
		"a\u202eb\u2066c":   `a\u202eb\u2066c`,
		"raw \x9b31m":       "raw \ufffd31m",
		"nul\x00":           `nul\u0000`,
	} {
		// However it is cut into writes.
		for size := 1; size <= len(text); size++ {
			var out bytes.Buffer
			s := newScreen(&out)
			for i := 0; i < len(text); i += size {
				part := []byte(text[i:min(i+size, len(text))])
				if n, err := s.Write(part); n != len(part) || err != nil {
					t.Fatalf("Write: %d, %v", n, err)
				}
			}
			if out.String() != want {
				t.Errorf("%q in pieces of %d: got %q, want %q", text, size, out.String(), want)
			}
		}
	}
	var out bytes.Buffer
	if err := newScreen(newScreen(&out)).redraw("a\x1bb"); err != nil || out.String() != "\r\x1b[K"+`a\u001bb` {
		t.Errorf("redraw wrote %q, %v", out.String(), err)
	}
}

// actor is text that would colour a terminal, change its title, turn the
// direction of writing, and go to the beginning of the line.
const actor = "x\x1b[31mred\x1b]0;title\x07\u009b1m\u202eback\rover\x7f"

func TestNothingThatOthersWriteActsOnTheTerminal(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": "no " + actor, "message": actor})
	}))
	t.Cleanup(server.Close)
	c := newPlace(t, "HF_ENDPOINT="+server.URL)
	line := func(fields map[string]any) string {
		text, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		return string(text) + "\n"
	}
	corpus := "docs" + actor + ".jsonl"
	c.put(t, corpus, line(map[string]any{"id": actor, "text": "words of " + actor, actor: actor})+line(map[string]any{"id": actor + "2"})+
		line(map[string]any{"id": actor, "text": "again"}))
	c.put(t, "wrong"+actor+".yaml", fmt.Sprintf("%q: 1\nembed: {model: %q, endpoints: [{%q: 1}], in_flight: %q}\n", actor, actor, actor, actor))
	found := 0
	for _, tc := range []struct {
		code int
		args []string
	}{
		{exitRejects, []string{"run", corpus, "--payload", "*", "--report", "report.json", "--rejects", "rejects" + actor + ".jsonl"}},
		{exitRejects, []string{"run", corpus, "--payload", "*", "--json"}},
		{exitRejects, []string{"retry", "rejects" + actor + ".jsonl"}},
		{exitDone, []string{"search", "words"}},
		{exitDone, []string{"search", "--json", "words"}},
		{exitDone, []string{"search", "--json", actor}},
		{exitDone, []string{"verify", corpus}},
		{exitDone, []string{"plan", corpus}},
		{exitMisuse, []string{"run", "absent" + actor}},
		{exitMisuse, []string{"run", corpus, "--text", "{{" + actor}},
		{exitRejects, []string{"run", corpus, "--text", actor}},
		{exitMisuse, []string{"run", corpus, "--" + actor}},
		{exitMisuse, []string{actor}},
		{exitMisuse, []string{"check", "-c", "wrong" + actor + ".yaml"}},
		{exitMisuse, []string{"check", "--json", "-c", "wrong" + actor + ".yaml"}},
		{exitDenied, []string{"run", corpus, "--model", "a/b", "--tei", server.URL, "--sqlite", "other.db"}},
		{exitDenied, []string{"resolve", "a/b", "--tei", server.URL}},
		{exitDenied, []string{"resolve", "a/b", "--json", "--tei", server.URL}},
		{exitFailed, []string{"run", corpus, "--qdrant", "http://127.0.0.1:1", "--collection", actor}},
	} {
		r := c.vecload(t, tc.args...)
		if r.code != tc.code {
			t.Errorf("%q: exit code %d, want %d\n%q", tc.args, r.code, tc.code, r.all())
		}
		if i := strings.IndexFunc(r.all(), acts); i >= 0 {
			t.Errorf("%q lets %q through", tc.args, r.all()[max(0, i-60):i+5])
		}
		if tc.args[0] == "search" && tc.args[1] == "--json" {
			var hits []struct{ Document, Text string }
			if err := json.Unmarshal([]byte(r.stdout), &hits); err != nil || len(hits) == 0 || hits[0].Document != actor || hits[0].Text != "words of "+actor {
				t.Errorf("%q: for machines, what is found is not what was written: %v, %q", tc.args, err, r.stdout)
			}
			found++
		}
	}
	if found != 2 {
		t.Error("no search was compared")
	}
}
