package qdrant_test

import (
	"testing"

	"github.com/vecload/vecload/sinks/qdrant"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
	"github.com/vecload/vecload/sinks/sinktest"
)

// start runs a server for one test.
func start(tb testing.TB, options qdrantserver.Options) *qdrantserver.Server {
	tb.Helper()
	server, err := qdrantserver.Start(options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(server.Stop)
	return server
}

// newIndex makes an index that is closed with the test.
func newIndex(tb testing.TB, options qdrant.Options) *qdrant.Index {
	tb.Helper()
	if options.Collection == "" {
		options.Collection = "docs"
	}
	index, err := qdrant.New(options)
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

func TestIndexPassesTheSuiteOnTheServerInThisProcess(t *testing.T) {
	t.Parallel()
	sinktest.Run(t, func(tb testing.TB) sinktest.Open {
		tb.Helper()
		server := start(tb, qdrantserver.Options{})
		return func(tb testing.TB) sinktest.Index {
			tb.Helper()
			return newIndex(tb, qdrant.Options{URL: server.URL()})
		}
	})
}
