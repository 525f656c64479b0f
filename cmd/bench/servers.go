package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

// served is what a server tells about itself once it has ended.
type served struct {
	Requests int64 `json:"requests"` // to embed
	Texts    int64 `json:"texts,omitempty"`
	Points   int64 `json:"points,omitempty"`
	Refused  int64 `json:"refused,omitempty"`
	Most     int64 `json:"most_in_flight,omitempty"`

	cpu float64 // seconds; whoever started the server knows
}

// serveEndpoint prints its address, serves until stdin ends, and prints what
// it served.
func serveEndpoint(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	flags := flag.NewFlagSet("bench endpoint", flag.ContinueOnError)
	var o endpointOptions
	flags.IntVar(&o.dim, "dim", 384, "`N` numbers a vector")
	flags.DurationVar(&o.latency, "latency", 0, "`DURATION` of each answer")
	flags.Int64Var(&o.limit, "limit", 0, "answer 429 to more than `N` requests in flight; 0 is no limit")
	flags.IntVar(&o.maxBatch, "max-batch", 0, "refuse requests of more than `N` texts; 0 is no limit")
	if err := flags.Parse(args); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	e := newEndpoint(o)
	server := &http.Server{Handler: e, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()

	if _, err := fmt.Fprintln(stdout, "http://"+listener.Addr().String()); err != nil {
		return errors.Join(err, server.Close())
	}
	_, err = io.Copy(io.Discard, stdin)
	err = errors.Join(err, server.Close())
	if end := <-ended; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return errors.Join(err, json.NewEncoder(stdout).Encode(served{
		Requests: e.requests.Load(), Texts: e.texts.Load(), Refused: e.refused.Load(), Most: e.most.Load(),
	}))
}

// serveQdrant does for Qdrant what serveEndpoint does for embeddings.
func serveQdrant(args []string, stdin io.Reader, stdout io.Writer) error {
	flags := flag.NewFlagSet("bench qdrant", flag.ContinueOnError)
	keep := flags.Bool("keep", false, "keep the points, so that they can be asked for")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *keep {
		return serveKeeper(stdin, stdout)
	}
	c, err := startCollector()
	if err != nil {
		return err
	}
	defer c.Stop()
	if _, err := fmt.Fprintln(stdout, c.URL()); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, stdin); err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(served{Points: c.points.Load()})
}

// serveKeeper serves the Qdrant of the tests, which holds what it is given.
func serveKeeper(stdin io.Reader, stdout io.Writer) error {
	server, err := qdrantserver.Start(qdrantserver.Options{})
	if err != nil {
		return err
	}
	defer server.Stop()
	if _, err := fmt.Fprintln(stdout, server.URL()); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, stdin); err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(served{Points: int64(server.Points(collection))})
}
