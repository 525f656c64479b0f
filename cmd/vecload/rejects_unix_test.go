//go:build unix

package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

func TestAPipeThatNobodyReadsIsToldAndNotWaitedFor(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	err := newRejectsFile(path, process{}).begin()
	if err == nil || pipeline.Classify(err) != pipeline.Misconfigured || !strings.Contains(err.Error(), "nobody reads") {
		t.Errorf("error %v", err)
	}
}
