// Package qdrantserver is a Qdrant in this process: real gRPC on a loopback
// port, collections in memory, and faults on demand. Tests and benchmarks use
// it where no server can be had.
//
// It does what vecload needs of Qdrant 1.19, in the way the real one does it:
// the codes and messages of errors, the checks of ids, names and dimensions,
// the length 1 of vectors that are compared by cosine, aliases, metadata that
// is merged, points that are replaced as a whole and have any of the
// collection's vectors, or none. What it does not know answers Unimplemented,
// never something made up. Searches compare all points; there is no graph and
// nothing to optimise, so that the IDF of sparse vectors is of the points that
// are there, where the real one counts deleted ones for a while. Settings are
// kept and told, and have no effect; descriptions say of the optimizer what
// [Server.Show] has them say.
package qdrantserver

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// defaultVersion is the one whose source this server follows.
const defaultVersion = "1.19.0"

// Options say how the server presents itself.
type Options struct {
	// Version is what the health check says; "" means 1.19.0. Below 1.16
	// metadata is dropped without a word, as such servers do.
	Version string
	// APIKey is asked for when it is not empty.
	APIKey string
	// TLS makes the server speak TLS.
	TLS *tls.Config
	// Hear is told what each call brings, from several goroutines at once: its
	// message as text, without the headers. nil tells nobody.
	Hear func(message string)
	// Gossip has the refusal of a key repeat the key, as no server should.
	Gossip bool
	// GRPC is added to the options of the gRPC server.
	GRPC []grpc.ServerOption
}

// Server is a running server. All methods may be called from several
// goroutines at once.
type Server struct {
	options  Options
	listener net.Listener
	grpc     *grpc.Server
	done     chan struct{}

	mu          sync.Mutex // guards what follows
	collections map[string]*collection
	aliases     map[string]string
	faults      []*Fault
	calls       map[string]int
	operations  uint64
}

// Start listens on a free port of 127.0.0.1 and serves until Stop.
func Start(options Options) (*Server, error) {
	if options.Version == "" {
		options.Version = defaultVersion
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &Server{
		options: options, listener: listener, done: make(chan struct{}),
		collections: map[string]*collection{}, aliases: map[string]string{}, calls: map[string]int{},
	}
	serverOptions := []grpc.ServerOption{
		// As the real one, which takes requests of any size and pings at any time.
		grpc.MaxRecvMsgSize(1 << 30),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}),
		grpc.UnaryInterceptor(s.intercept),
	}
	if options.TLS != nil {
		serverOptions = append(serverOptions, grpc.Creds(credentials.NewTLS(options.TLS)))
	}
	s.grpc = grpc.NewServer(append(serverOptions, options.GRPC...)...)
	pb.RegisterQdrantServer(s.grpc, &healthService{server: s})
	pb.RegisterCollectionsServer(s.grpc, &collectionsService{server: s})
	pb.RegisterPointsServer(s.grpc, &pointsService{server: s})
	go func() {
		defer close(s.done)
		_ = s.grpc.Serve(listener) // ends with Stop
	}()
	return s, nil
}

// Stop ends the server at once, calls under way included, and waits for it.
func (s *Server) Stop() {
	s.grpc.Stop()
	<-s.done
}

// Addr is the server's host and port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL is the server's address as vecload's configuration has it.
func (s *Server) URL() string {
	if s.options.TLS != nil {
		return "https://" + s.Addr()
	}
	return "http://" + s.Addr()
}

// Calls returns how often a method, such as "Upsert", was called, refused
// calls included.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// intercept checks the key, counts, and lets faults happen.
func (s *Server) intercept(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	service, method, _ := strings.Cut(strings.TrimPrefix(info.FullMethod, "/"), "/")
	fault := s.arrive(method, service)
	if message, ok := request.(proto.Message); ok && s.options.Hear != nil {
		s.options.Hear(method + " " + prototext.Format(message))
	}
	// The health check is open to all, as it is at the real server.
	if s.options.APIKey != "" && method != "HealthCheck" {
		if err := s.checkKey(ctx); err != nil {
			return nil, err
		}
	}
	if fault == nil {
		return next(ctx, request)
	}
	return fault.happen(ctx, request, next)
}

func (s *Server) checkKey(ctx context.Context) error {
	md, _ := metadata.FromIncomingContext(ctx)
	keys := md.Get("api-key")
	switch {
	case len(keys) == 0:
		return status.Error(codes.Unauthenticated, "Must provide an API key or an Authorization bearer token")
	case keys[0] != s.options.APIKey && s.options.Gossip:
		return status.Errorf(codes.Unauthenticated, "Invalid API key %s", keys[0])
	case keys[0] != s.options.APIKey:
		return status.Error(codes.Unauthenticated, "Invalid API key or JWT")
	}
	return nil
}

type healthService struct {
	pb.UnimplementedQdrantServer
	server *Server
}

func (h *healthService) HealthCheck(context.Context, *pb.HealthCheckRequest) (*pb.HealthCheckReply, error) {
	return &pb.HealthCheckReply{Title: "qdrant - vector search engine", Version: h.server.options.Version}, nil
}
