package sqlite_test

import (
	"testing"

	"github.com/vecload/vecload/sinks/sinktest"
	"github.com/vecload/vecload/sinks/sqlite"
)

// newIndex makes an index that is closed with the test.
func newIndex(tb testing.TB, path string) *sqlite.Index {
	tb.Helper()
	index, err := sqlite.New(sqlite.Options{Path: path, CreatedBy: "a test", LeaseTerm: sinktest.LeaseTerm})
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	tb.Cleanup(func() {
		if err := index.Close(); err != nil {
			tb.Errorf("Close: %v", err)
		}
	})
	return index
}
