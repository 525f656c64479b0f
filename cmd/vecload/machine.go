package main

import (
	"errors"
	"os"
	"strings"
	"syscall"

	"github.com/vecload/vecload/pipeline"
)

// machine identifies the table of processes in which this program runs: the
// start of the system, and the namespace of processes, which every container
// has its own of (proc_sys_kernel(5), pid_namespaces(7)). "" where the system
// does not tell.
func machine() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + " " + namespace
}

// isDead reports whether a run is known to have died: it was a process of this
// machine, and there is none of its number now.
func isDead(h pipeline.Holder) bool {
	if h.Machine == "" || h.Machine != machine() || h.PID <= 0 {
		return false
	}
	process, err := os.FindProcess(h.PID)
	if err != nil {
		return false
	}
	return errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
