package main

import (
	"slices"
	"strings"
	"testing"
)

func TestARefreshThatDoesTooMuchOrTooLittleFailsTheMeasurement(t *testing.T) {
	t.Parallel()
	unchanged := scenario{Name: "x", Protocol: "huggingface", Index: "qdrant", Again: "run", Corpus: corpus{Documents: 100}}
	changed, plan, verify := unchanged, unchanged, unchanged
	changed.Corpus.Changed, plan.Again, verify.Again = 50, "plan", "verify"
	tests := []struct {
		name     string
		scenario scenario
		out      string
		told     served
		ok       bool
	}{
		{"nothing changed", unchanged, `{"read":100,"unchanged":100}`, served{Points: 100}, true},
		{"a request to embed", unchanged, `{"read":100,"unchanged":100}`, served{Points: 100, Requests: 1}, false},
		{"a document written", unchanged, `{"read":100,"unchanged":100,"written":1}`, served{Points: 100}, false},
		{"a document unread", unchanged, `{"read":99,"unchanged":99}`, served{Points: 100}, false},
		{"a point lost", unchanged, `{"read":100,"unchanged":100}`, served{Points: 99}, false},
		{"two changed", changed, `{"read":100,"unchanged":98,"changed":2,"written":2}`, served{Points: 100, Texts: 2, Requests: 1}, true},
		{"two changed, one seen", changed, `{"read":100,"unchanged":99,"changed":1,"written":1}`, served{Points: 100, Texts: 2, Requests: 1}, false},
		{"two changed, one embedded", changed, `{"read":100,"unchanged":98,"changed":2,"written":2}`, served{Points: 100, Texts: 1, Requests: 1}, false},
		{"a plan", plan, `{"read":100,"unchanged":100}`, served{Points: 100}, true},
		{"a plan of something", plan, `{"read":100,"unchanged":99,"changed":1}`, served{Points: 100}, false},
		{"an index that agrees", verify, `{"agrees":true,"documents":100}`, served{Points: 100}, true},
		{"an index that does not", verify, `{"agrees":false,"documents":100}`, served{Points: 100}, false},
		{"half of the corpus", verify, `{"agrees":true,"documents":50}`, served{Points: 100}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := tt.scenario.check(vecload, []byte(tt.out), tt.told); (err == nil) != tt.ok {
				t.Errorf("check: %v, want an error: %v", err, !tt.ok)
			}
		})
	}
}

func TestACorpusChangesWhereItIsToldAndNowhereElse(t *testing.T) {
	t.Parallel()
	before := corpus{Documents: 100, Words: 10, Format: "jsonl"}
	after := before
	after.Changed = 25
	if before.file("") == after.file("") {
		t.Errorf("both are kept in %s", before.file(""))
	}
	old := slices.Collect(before.documents())
	differ := 0
	for i, d := range slices.Collect(after.documents()) {
		switch {
		case d.id != old[i].id:
			t.Fatalf("document %d is named %s, and was named %s", i, d.id, old[i].id)
		case d != old[i]:
			differ++
		}
	}
	if differ != 4 || after.changed() != 4 || before.changed() != 0 {
		t.Errorf("%d documents differ, of %d and %d told", differ, after.changed(), before.changed())
	}
}

func TestARefreshIsMeasuredWithTheCommandOfItsCase(t *testing.T) {
	t.Parallel()
	to := servers{endpoint: &helper{url: "http://e"}, qdrant: &helper{url: "http://q"}}
	for _, s := range scenarios() {
		args := s.vecloadArgs("corpus.jsonl", to, "work")
		want := "run"
		if s.Again != "" {
			want = s.Again
		}
		if args[0] != want || slices.Contains(args, "--delete-missing") != strings.HasPrefix(s.Name, "missing-") {
			t.Errorf("%s is measured by %q", s.Name, args)
		}
	}
}

func TestCPUTimeIsReadBehindTheNameOfTheProgram(t *testing.T) {
	t.Parallel()
	const status = "77 (a ) b 1 2) S 1 77 77 0 -1 4194560 150 0 3 0 250 50 9 9 20 0 1 0 12345 1000 200\n"
	for status, want := range map[string]float64{status: 3, "77 (a) S 1": 0, "": 0, strings.Replace(status, "250", "x", 1): 0} {
		if got := cpuIn([]byte(status)); got != want {
			t.Errorf("%g seconds, want %g, of %q", got, want, status)
		}
	}
}
