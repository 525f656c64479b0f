package main

import (
	"os"
	"os/exec"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

func TestOnlyProcessesOfThisMachineAreKnownToBeDead(t *testing.T) {
	t.Parallel()
	if machine() == "" {
		t.Skip("this system does not identify its processes")
	}
	gone := exec.Command(os.Args[0], "-test.run=^$")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		holder pipeline.Holder
		want   bool
	}{
		"one that ended":        {pipeline.Holder{Machine: machine(), PID: gone.Process.Pid}, true},
		"this one":              {pipeline.Holder{Machine: machine(), PID: os.Getpid()}, false},
		"one of another system": {pipeline.Holder{Machine: "other", PID: gone.Process.Pid}, false},
		"one of an unknown":     {pipeline.Holder{PID: gone.Process.Pid}, false},
		"none":                  {pipeline.Holder{Machine: machine()}, false},
		"a group of processes":  {pipeline.Holder{Machine: machine(), PID: -1}, false},
	} {
		if got := isDead(test.holder); got != test.want {
			t.Errorf("%s is dead: %v", name, got)
		}
	}
}
