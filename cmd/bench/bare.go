package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// bare is the least that a client can do between these two servers, and so
// the limit of what they and the machine allow: it sends requests that were
// made before the clock starts, decodes the numbers of the answers into
// upserts that were made before too, and sends these. It reads no corpus
// meanwhile, checks nothing, and counts nothing but documents.
type bare struct {
	kind    program
	path    string
	decode  func(to *job, answer []byte)
	address string
	http    *http.Client
	qdrant  *grpc.ClientConn
	asking  chan struct{} // has room for the requests in flight
}

// bareWriters write while the requests in flight go on, as vecload's do.
const bareWriters = 3

// bareReport is what the program says of its work.
type bareReport struct {
	Written  int     `json:"written"`
	Seconds  float64 `json:"seconds"`              // by the clock that starts when all is ready
	Prepared float64 `json:"prepared_cpu_seconds"` // CPU time before that
}

func runBare(ctx context.Context, args []string, stdout io.Writer) (err error) {
	flags := flag.NewFlagSet("bench bare", flag.ContinueOnError)
	var b bare
	kind := flags.String("kind", string(bareWhole), "all of it, or one half: \"bare\", \"bare requests\" or \"bare upserts\"")
	protocol := flags.String("protocol", "huggingface", "huggingface, tei or openai")
	flags.StringVar(&b.address, "endpoint", "", "`URL` of the embedding server")
	address := flags.String("qdrant", "", "`URL` of Qdrant")
	documents := flags.Int("docs", 0, "send `N` documents")
	dim := flags.Int("dim", 384, "`N` numbers a vector")
	batch := flags.Int("batch", 32, "`N` texts a request")
	inFlight := flags.Int("in-flight", 8, "`N` requests at once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	work, err := newJobs(flags.Arg(0), *protocol, *documents, *batch, *dim)
	if err != nil {
		return err
	}
	b.kind = program(*kind)
	b.path, b.decode = pathOf(*protocol), newDecoder().of(*protocol)
	b.asking = make(chan struct{}, *inFlight)
	const most = 1 << 17 // bytes that go to the kernel at once
	b.http = &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: *inFlight, DisableCompression: true, ReadBufferSize: most, WriteBufferSize: most,
	}}
	if b.kind != bareRequests {
		if b.qdrant, err = dialBare(*address); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.qdrant.Close()) }()
	}
	report := bareReport{Written: *documents, Prepared: cpuOf(os.Getpid())}
	start := time.Now()
	if err := b.load(ctx, work, *inFlight+bareWriters); err != nil {
		return err
	}
	report.Seconds = time.Since(start).Seconds()
	return json.NewEncoder(stdout).Encode(report)
}

func dialBare(address string) (*grpc.ClientConn, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	return grpc.NewClient(u.Host, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(ready{})))
}

// load does all jobs, several at once.
func (b bare) load(ctx context.Context, work jobs, workers int) error {
	group, within := errgroup.WithContext(ctx)
	free := work.idle()
	var begun atomic.Int64
	for range min(workers, len(work.some)) {
		group.Go(func() error {
			var answer []byte
			for begun.Add(1) <= int64(work.times) {
				j := <-free
				if err := b.do(within, j, &answer); err != nil {
					return err
				}
				free <- j
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil || work.last == nil {
		return err
	}
	var answer []byte
	return b.do(ctx, work.last, &answer)
}

func (b bare) do(ctx context.Context, j *job, answer *[]byte) error {
	if b.kind != bareUpserts {
		b.asking <- struct{}{}
		err := b.ask(ctx, j, answer)
		<-b.asking
		if err != nil {
			return err
		}
		b.decode(j, *answer)
	}
	if b.kind == bareRequests {
		return nil
	}
	return b.qdrant.Invoke(ctx, "/qdrant.Points/Upsert", j.upsert, nil)
}

// ask sends the request and reads the answer into a buffer that is used again.
func (b bare) ask(ctx context.Context, j *job, answer *[]byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.address+b.path, j.reader())
	if err != nil {
		return err
	}
	request.Header["Content-Type"] = []string{"application/json"}
	response, err := b.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.ContentLength < 0 {
		return fmt.Errorf("%s, %d bytes", response.Status, response.ContentLength)
	}
	if n := int(response.ContentLength); n > cap(*answer) {
		*answer = make([]byte, n)
	} else {
		*answer = (*answer)[:n]
	}
	_, err = io.ReadFull(response.Body, *answer)
	return err
}
