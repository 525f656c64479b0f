package qdrant

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/vecload/vecload/pipeline"
)

// maxMessage bounds what is repeated of a server's message.
const maxMessage = 300

// rpcError is a gRPC error in words for people.
type rpcError struct {
	code codes.Code
	text string
	err  error
}

func (e *rpcError) Error() string { return e.code.String() + ": " + e.text }
func (e *rpcError) Unwrap() error { return e.err }

// grpcStatus finds the status that the server or the transport gave, under
// whatever the library wrapped around it.
func grpcStatus(err error) (*status.Status, bool) {
	e, ok := errors.AsType[interface {
		error
		GRPCStatus() *status.Status
	}](err)
	if !ok {
		return nil, false
	}
	return e.GRPCStatus(), true
}

// code returns the gRPC code of err: OK for nil, Unknown for an error that is
// none of gRPC's.
func code(err error) codes.Code {
	if err == nil {
		return codes.OK
	}
	if s, ok := grpcStatus(err); ok {
		return s.Code()
	}
	return codes.Unknown
}

// classify says what an error of the client means for the run, and how long
// the server asks to wait. The codes are those that Qdrant 1.19 gives its
// errors (lib/storage/src/content_manager/conversions.rs).
func classify(err error) (pipeline.Class, time.Duration) {
	s, ok := grpcStatus(err)
	if !ok {
		return pipeline.Fatal, 0
	}
	switch s.Code() {
	case codes.Unavailable, // no connection, or no replica of the shard
		codes.DeadlineExceeded,
		codes.Internal, // a worker that died, a disk that is full: it may pass
		codes.Aborted,
		codes.Canceled, // by the server: the caller's own context was looked at before
		codes.Unknown:  // a stream that was reset
		return pipeline.Transient, 0
	case codes.ResourceExhausted:
		limit, ok := errors.AsType[*pb.QdrantResourceExhaustedError](err)
		if ok && limit.RetryAfterS >= 0 {
			return pipeline.Throttled, time.Duration(limit.RetryAfterS) * time.Second
		}
		return pipeline.Fatal, 0 // larger than the whole budget, or a quota
	case codes.Unauthenticated, codes.PermissionDenied:
		return pipeline.Denied, 0
	case codes.NotFound, codes.Unimplemented:
		return pipeline.Misconfigured, 0
	case codes.OK, codes.InvalidArgument, codes.AlreadyExists, codes.FailedPrecondition,
		codes.OutOfRange, codes.DataLoss:
	}
	return pipeline.Fatal, 0
}

// hint says what to do. It may look at texts, since it decides nothing.
func (x *Index) hint(err error) string {
	s, ok := grpcStatus(err)
	if !ok {
		return ""
	}
	text := s.Message()
	switch s.Code() {
	case codes.Unavailable, codes.Unimplemented:
		switch {
		case strings.Contains(text, noTunnel):
			return "check the proxy that the environment names (HTTPS_PROXY), or list the host in NO_PROXY"
		case strings.Contains(text, "looked like an HTTP/1.1 header"), strings.Contains(text, "unexpected HTTP status"):
			return x.address.String() + " speaks HTTP; give the port of gRPC, 6334 unless it was changed (6333 is that of HTTP)"
		case strings.Contains(text, "first record does not look like a TLS handshake"):
			return x.address.String() + " does not speak TLS; write http:// instead of https://"
		case strings.Contains(text, "certificate is valid for"), strings.Contains(text, "certificate is not valid for"):
			return "the certificate is that of another host than " + x.address.String() + "; write the name in the url that the certificate has"
		case strings.Contains(text, "certificate has expired"):
			return "have the certificate of " + x.address.String() + " renewed, and check the clock of this machine"
		case strings.Contains(text, "certificate"):
			return "the certificate of " + x.address.String() + " is not trusted on this machine; install the authority that signed it, or name its file in SSL_CERT_FILE"
		case strings.Contains(text, "remote error: tls"):
			return x.address.String() + " refuses the TLS of this program, which speaks 1.2 and 1.3"
		case s.Code() == codes.Unimplemented:
			return "is a Qdrant of 1.16 or newer at " + x.address.String() + "?"
		}
		return "is Qdrant running at " + x.address.String() + ", and is this its gRPC port (6334, not 6333)?"
	case codes.Unauthenticated:
		return "set the API key of Qdrant, or correct it"
	case codes.PermissionDenied:
		return "the API key has no right to do this; it needs to read and write the collection"
	case codes.NotFound:
		return "run vecload run first, or name another collection"
	case codes.ResourceExhausted:
		return "a limit of the server is used up (memory, disk or a quota); raise it or make room, " +
			"then run the same command again"
	case codes.DeadlineExceeded, codes.Internal:
		return "look at the log and at the disk of Qdrant; what was confirmed is safe, run the same command again"
	case codes.OK, codes.Canceled, codes.Unknown, codes.InvalidArgument, codes.AlreadyExists,
		codes.FailedPrecondition, codes.Aborted, codes.OutOfRange, codes.DataLoss:
	}
	return ""
}

// fail gives err its class, its hint and its words, once.
func (x *Index) fail(verb string, err error) error {
	if e, ok := errors.AsType[*pipeline.Error](err); ok {
		return e
	}
	class, after := classify(err)
	e := &pipeline.Error{Op: verb + " " + x.place(), Class: class, After: after, Hint: x.hint(err), Err: err}
	if s, ok := grpcStatus(err); ok {
		e.Err = &rpcError{code: s.Code(), text: clip(x.unsaid(s.Message())), err: err}
	}
	return e
}

// noTunnel is how gRPC begins to tell what a proxy answered, in full.
const noTunnel = "failed to do connect handshake"

// unsaid takes the key out of what a server says, and what a proxy answers
// behind its status, which may hold what it was sent.
func (x *Index) unsaid(text string) string {
	if _, answer, ok := strings.Cut(text, noTunnel); ok {
		_, status, _ := strings.Cut(answer, "HTTP/1.")
		_, status, _ = strings.Cut(status, " ")
		number, _ := strconv.Atoi(status[:min(3, len(status))])
		text = fmt.Sprintf("the proxy refuses to connect, with status %d", number)
	}
	if x.options.APIKey == nil {
		return text
	}
	if key := x.options.APIKey(); key != "" {
		text = strings.ReplaceAll(text, key, "…")
	}
	return text
}

// refuse is an error of class Misconfigured about the collection.
func (x *Index) refuse(what, hint string) error {
	return &pipeline.Error{Op: x.place(), Class: pipeline.Misconfigured, Hint: hint, Err: errors.New(what)}
}

// missing says that there is no collection to look into.
func (x *Index) missing() error {
	return &pipeline.Error{
		Op: x.place(), Class: pipeline.Misconfigured, Hint: "run vecload run first, or name another collection",
		Err: fmt.Errorf("there is no such collection: %w", pipeline.ErrNoIndex),
	}
}

// place names the collection for people.
func (x *Index) place() string { return x.address.String() + "/collections/" + x.options.Collection }

func clip(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	return text
}
