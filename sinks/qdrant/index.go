package qdrant

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/mem"

	"github.com/vecload/vecload/pipeline"
)

// maxReceive bounds an answer. gRPC's own 4 MiB are too few for the payloads
// of a long list of hits.
const maxReceive = 64 << 20

// Index is an index in one collection. Its methods may be called from
// several goroutines at once.
type Index struct {
	options Options
	address address
	client  *pb.Client
	contact *Contact
	tenure  tenure
	buffers buffers
	upsert  func(context.Context, mem.Buffer) (*pb.UpdateResult, error)

	mu        sync.Mutex          // guards what follows
	ready     *target             // nil until Prepare
	known     pipeline.Spaces     // that the stamp was seen to have
	distances map[string]Distance // of these
	version   *version            // of the server; nil until it was asked
	closed    bool
}

// target is what Prepare found out.
type target struct {
	collection string // the physical name, no alias
	spaces     pipeline.Spaces
	distances  map[string]Distance
	maxPoints  int
	page       uint32 // points of a page of a list
}

var (
	_ pipeline.Index          = (*Index)(nil)
	_ pipeline.Searcher       = (*Index)(nil)
	_ pipeline.Refresher      = (*Index)(nil)
	_ pipeline.SparseSearcher = (*Index)(nil)
	_ pipeline.Leaser         = (*Index)(nil)
)

// New returns the index that options name. It checks them and connects to
// nothing: [Index.Prepare] does, and every method of a [pipeline.Searcher].
func New(options Options) (*Index, error) {
	a, err := parseAddress(options.URL)
	if err != nil {
		return nil, err
	}
	if err := checkCollection(options.Collection); err != nil {
		return nil, err
	}
	if err := checkTuning(options.Tuning); err != nil {
		return nil, err
	}
	key := ""
	if options.APIKey != nil {
		key = options.APIKey()
	}
	if key != "" && !a.tls && !a.loopback() && !options.AllowClearText {
		return nil, misconfigured("the API key would cross the network unencrypted, to "+a.String(),
			"use https://, or permit clear text where the network is trusted")
	}
	x := &Index{options: options.withDefaults(), address: a}
	x.contact = x.options.Contact
	config := options.TLS
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	dialing := []grpc.DialOption{}
	if key != "" && !a.tls && !options.AllowClearText {
		dialing = append(dialing, grpc.WithContextDialer(dialHere))
	}
	x.client, err = pb.NewClient(&pb.Config{
		Host: a.dialHost(), Port: a.port, APIKey: key, UseTLS: a.tls, TLSConfig: config,
		// Prepare asks for the version itself, and fails where the library
		// would only warn.
		SkipCompatibilityCheck: true,
		Logger:                 slog.New(slog.DiscardHandler),
		GrpcOptions: append(dialing,
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReceive)),
			// gRPC waits up to two minutes before it connects again; a server
			// that restarts should be found sooner.
			grpc.WithConnectParams(grpc.ConnectParams{
				Backoff: backoff.Config{
					BaseDelay: 200 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 5 * time.Second,
				},
				MinConnectTimeout: 5 * time.Second,
			}),
		),
	})
	if err != nil {
		return nil, x.fail("connect to", err)
	}
	x.upsert = x.sendUpsert
	return x, nil
}

// Close ends the connections. A second call does nothing. The index cannot be
// used afterwards.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return nil
	}
	x.closed = true
	if err := x.client.Close(); err != nil {
		return x.fail("close", err)
	}
	return nil
}

// Prepare implements [pipeline.Index]. A collection that it makes has the
// settings of Options.Tuning; of one that is there it tells Options.OnNotice
// what differs. Payload indexes that are missing are made, and a deferral of
// indexing that an earlier run left behind is kept or ended, see [Bulk]. A server that cannot be reached is an
// error of class Transient, after a few tries.
func (x *Index) Prepare(ctx context.Context, spaces pipeline.Spaces) error {
	if err := x.checkSpaces(spaces); err != nil {
		return err
	}
	if err := x.usable(ctx); err != nil {
		return err
	}
	if err := x.checkServer(ctx); err != nil {
		return err
	}
	name, err := x.resolve(ctx)
	if err != nil {
		return err
	}
	info, err := x.collectionInfo(ctx, name)
	if err != nil {
		return err
	}
	if info == nil {
		if info, err = x.create(ctx, name, spaces, nil); err != nil {
			return err
		}
	}
	// The stamp first: it knows which models made the collection, where the
	// layout only knows numbers of dimensions.
	stamped, err := x.checkStamp(info, spaces)
	if err != nil {
		return err
	}
	if err := x.checkLayout(info, spaces); err != nil {
		return err
	}
	if !stamped {
		if err := x.stamp(ctx, name, spaces); err != nil {
			return err
		}
	}
	if err := x.tune(ctx, name, info); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ready = &target{collection: name, spaces: maps.Clone(spaces), distances: distancesOf(info), maxPoints: x.pointLimit(info), page: pageLimit(info)}
	return nil
}

// usable reports why no call can be made.
func (x *Index) usable(ctx context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return x.fail("use", errors.New("the index is closed"))
	}
	return ctx.Err()
}

// prepared returns what Prepare found out.
func (x *Index) prepared() (target, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ready == nil {
		return target{}, x.fail("write to", errors.New("the index was not prepared"))
	}
	return *x.ready, nil
}

// pointLimit obeys the strict mode of a managed collection, which counts
// points although its documentation speaks of bytes.
func (x *Index) pointLimit(info *pb.CollectionInfo) int {
	strict := info.GetConfig().GetStrictModeConfig()
	limit := strict.GetUpsertMaxBatchsize()
	if strict.GetEnabled() && limit > 0 && limit < uint64(x.options.MaxPoints) {
		return int(limit)
	}
	return x.options.MaxPoints
}
