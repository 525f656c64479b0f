package hub_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/vecload/vecload/pipeline/embedders/huggingface/hub"
)

func FuzzModelIsReadLeniently(f *testing.F) {
	for _, seed := range []string{
		`{"id":"a/b","inferenceProviderMapping":{"p":{"status":"live","providerId":"x","task":"t"}},"gated":"auto"}`,
		`{"id":"a/b","inferenceProviderMapping":[{"provider":"p"},null,7],"gated":false,"tags":["x",1]}`,
		`{"id":7,"inferenceProviderMapping":{"p":[{}]},"tags":{},"private":"x"}`,
		`{"id":"../a","inferenceProviderMapping":{"\u001b[31m":{"task":"\u202e"}},"sha":"\u009b"}`,
		`[]`,
		`null`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m hub.Model
		err := json.Unmarshal(data, &m)
		if err != nil && json.Valid(data) && data[0] == '{' {
			t.Errorf("an object is refused: %v", err)
		}
		for _, p := range m.Providers {
			if p.Name == "" {
				t.Errorf("a provider without a name: %+v", m.Providers)
			}
			for _, text := range []string{p.Name, p.ID, p.Status, p.Task} {
				checkWord(t, text)
			}
		}
		for _, text := range append(m.Tags, m.ID, m.Task, m.Library, m.SHA, m.Gated) {
			checkWord(t, text)
		}
		if strings.ContainsAny(m.ID, "?#% ") || strings.Contains(m.ID, "..") {
			t.Errorf("the id %q is no name", m.ID)
		}
	})
}

// checkWord wants a text that may stand on a terminal as it is.
func checkWord(t *testing.T, text string) {
	t.Helper()
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("%q is no word", text)
	}
}
