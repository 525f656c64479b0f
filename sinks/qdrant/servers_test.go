package qdrant_test

import (
	"context"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

// testServer is a server that a test makes collections on.
type testServer struct {
	url    string
	client *pb.Client
}

// name returns a name that no other test uses; what is made under it, and what
// is built for it as an alias, is removed at the end.
func (s testServer) name(tb testing.TB) string {
	tb.Helper()
	name := "vecload-test-" + strconv.FormatInt(time.Now().UnixNano(), 36)
	tb.Cleanup(func() {
		ctx := context.WithoutCancel(tb.Context()) // which is done by now
		all, err := s.client.ListCollections(ctx)
		if err != nil {
			return // a server in this process is stopped already
		}
		for _, c := range all {
			if c == name || strings.HasPrefix(c, name+"__") {
				if err := s.client.DeleteCollection(ctx, c); err != nil {
					tb.Errorf("collection %s was not removed: %v", c, err)
				}
			}
		}
	})
	return name
}

// eachServer runs a test on the server in this process, and on a real one
// where QDRANT_URL names it.
func eachServer(t *testing.T, test func(t *testing.T, s testServer)) {
	t.Helper()
	t.Run("in this process", func(t *testing.T) {
		t.Parallel()
		server := start(t, qdrantserver.Options{})
		test(t, testServer{url: server.URL(), client: client(t, server)})
	})
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		address := os.Getenv(realServer)
		if address == "" {
			t.Skip("set " + realServer + " to the address of a Qdrant to run this against it")
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			t.Fatalf("%s has no port: %v", realServer, err)
		}
		c, err := pb.NewClient(&pb.Config{Host: u.Hostname(), Port: port, SkipCompatibilityCheck: true, PoolSize: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		test(t, testServer{url: address, client: c})
	})
}
