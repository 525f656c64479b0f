package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/vecload/vecload/sinks/sinktest"
	"github.com/vecload/vecload/sinks/sqlite"
)

func TestIndexPassesTheSuite(t *testing.T) {
	t.Parallel()
	sinktest.Run(t, func(t testing.TB) sinktest.Open {
		t.Helper()
		path := filepath.Join(t.TempDir(), "index?#%20 ü.db")
		return func(t testing.TB) sinktest.Index {
			t.Helper()
			index, err := sqlite.New(sqlite.Options{Path: path})
			if err != nil {
				t.Fatal(err)
			}
			return index
		}
	})
}
