package main

import (
	"strings"
	"testing"
)

func TestStagesDoAllTheirWorkAlone(t *testing.T) {
	t.Parallel()
	b := bench{folder: t.TempDir(), stderr: t.Output()}
	for _, s := range stages() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			documents := 300 // no whole number of batches
			if strings.HasPrefix(s.name, "write") {
				documents = 2100 // more than a transaction
			}
			run, err := s.do(t.Context(), b, documents) // which counts what the servers saw
			if err != nil || run.Seconds <= 0 {
				t.Errorf("%+v, %v", run, err)
			}
			if read := strings.HasPrefix(s.name, "read"); read != (run.Bytes > 0) {
				t.Errorf("%d bytes", run.Bytes)
			}
		})
	}
}

func TestTheStageTableTellsMedians(t *testing.T) {
	t.Parallel()
	r := stageResult{Name: "read x", Documents: 2000, Runs: []stageRun{
		{Seconds: 1, CPU: 0.5, Bytes: 4e6}, {Seconds: 4, CPU: 2, Bytes: 4e6}, {Seconds: 2, CPU: 1, Bytes: 4e6},
	}}
	r.summarise()
	var out strings.Builder
	if err := stageTable(&out, []stageResult{r}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(strings.Fields(out.String()), " "); !strings.Contains(got, "| read x | 1000 | 500.0 | 2 |") {
		t.Errorf("printed\n%s", out.String())
	}
}
