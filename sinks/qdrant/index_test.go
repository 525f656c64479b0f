package qdrant_test

import (
	"context"
	"net/url"
	"os"
	"strconv"
	"testing"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

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
			return newIndex(tb, qdrant.Options{URL: server.URL(), LeaseTerm: sinktest.LeaseTerm})
		}
	})
}

// realServer is the address of a Qdrant that tests may make collections on,
// such as http://127.0.0.1:6334. They remove what they make.
const realServer = "QDRANT_URL"

func TestIndexPassesTheSuiteOnARealServer(t *testing.T) {
	t.Parallel()
	address := os.Getenv(realServer)
	if address == "" {
		t.Skip("set " + realServer + " to the address of a Qdrant to run the suite against it")
	}
	remove := remover(t, address)
	sinktest.Run(t, func(tb testing.TB) sinktest.Open {
		tb.Helper()
		name := "vecload-test-" + strconv.FormatInt(time.Now().UnixNano(), 36)
		tb.Cleanup(func() { remove(tb, name) })
		return func(tb testing.TB) sinktest.Index {
			tb.Helper()
			return newIndex(tb, qdrant.Options{URL: address, Collection: name, LeaseTerm: sinktest.LeaseTerm})
		}
	})
}

// remover returns a function that deletes a collection.
func remover(tb testing.TB, address string) func(tb testing.TB, name string) {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		tb.Fatalf("%s has no port: %v", realServer, err)
	}
	c, err := pb.NewClient(&pb.Config{Host: u.Hostname(), Port: port, SkipCompatibilityCheck: true, PoolSize: 1})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	return func(tb testing.TB, name string) {
		tb.Helper()
		// Not the test's context, which is done by now.
		if err := c.DeleteCollection(context.WithoutCancel(tb.Context()), name); err != nil {
			tb.Errorf("collection %s was not removed: %v", name, err)
		}
	}
}
