package main

import (
	"os"
	"slices"
	"testing"
)

// TestMain lets the test binary be the program, the other processes of a
// measurement, and what is measured.
func TestMain(m *testing.M) {
	command := append(os.Args, "")[1]
	switch {
	case slices.Contains([]string{"memory", "endpoint", "qdrant", "plain", "bare"}, command):
		main()
	case slices.Contains([]string{"version", "run"}, command):
		pretend(command)
	default:
		m.Run()
	}
}

func TestTheOtherProgramsLoadACorpusThroughBothServers(t *testing.T) {
	t.Parallel()
	b := bench{folder: t.TempDir(), stderr: t.Output()}
	for _, protocol := range []string{"huggingface", "tei", "openai"} {
		programs := []program{plainProgram, bareWhole}
		if protocol == "openai" {
			programs = append(programs, bareRequests, bareUpserts)
		}
		for _, p := range programs {
			t.Run(protocol+", "+string(p), func(t *testing.T) {
				t.Parallel()
				s := scenario{
					Name: protocol, Protocol: protocol, Index: "qdrant", Dim: 16, Batch: 32, InFlight: 3,
					Corpus: corpus{Documents: 500, Words: 20, Format: "jsonl"}, // 15 batches and a half
				}
				m, err := b.run(t.Context(), s, p) // which checks what the servers saw
				if err != nil {
					t.Fatal(err)
				}
				if m.Seconds <= 0 || m.User+m.System <= 0 || m.Others <= 0 {
					t.Errorf("measured %+v; wall and CPU times should be above zero", m)
				}
			})
		}
	}
}

func TestAProgramThatLosesDocumentsFailsTheMeasurement(t *testing.T) {
	t.Parallel()
	s := scenario{Name: "x", Protocol: "huggingface", Index: "qdrant", Corpus: corpus{Documents: 100}}
	tests := []struct {
		name string
		out  string
		told served
		ok   bool
	}{
		{"all is well", `{"written":100}`, served{Texts: 101, Points: 100}, true},
		{"the report counts less", `{"written":99}`, served{Texts: 101, Points: 100}, false},
		{"Qdrant saw less", `{"written":100}`, served{Texts: 101, Points: 99}, false},
		{"Qdrant saw more", `{"written":100}`, served{Texts: 101, Points: 132}, false},
		{"the endpoint saw less", `{"written":100}`, served{Texts: 99, Points: 100}, false},
		{"no report", `done`, served{Texts: 101, Points: 100}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := s.check(vecload, []byte(tt.out), tt.told); (err == nil) != tt.ok {
				t.Errorf("check: %v, want an error: %v", err, !tt.ok)
			}
		})
	}
}
