package qdrant_test

import (
	"testing"

	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
	"github.com/vecload/vecload/sinks/sinktest"
)

// start runs a server for one test.
func start(t testing.TB, options qdrantserver.Options) *qdrantserver.Server {
	t.Helper()
	server, err := qdrantserver.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server
}

// newIndex makes an index that is closed with the test.
func newIndex(t testing.TB, options qdrant.Options) *qdrant.Index {
	t.Helper()
	if options.Collection == "" {
		options.Collection = "docs"
	}
	index, err := qdrant.New(options)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(func() {
		if err := index.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return index
}

func TestIndexPassesTheSuiteOnTheServerInThisProcess(t *testing.T) {
	t.Parallel()
	sinktest.Run(t, func(t testing.TB) sinktest.Open {
		t.Helper()
		server := start(t, qdrantserver.Options{})
		return func(t testing.TB) sinktest.Index {
			t.Helper()
			return newIndex(t, qdrant.Options{URL: server.URL()})
		}
	})
}
