package qdrantserver

import (
	"context"
	"strconv"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Fault is what happens to calls in place of, or after, what they ask for.
type Fault struct {
	// Method is the one that it happens to, such as "Upsert"; "" means every
	// method of points and collections.
	Method string
	// Skip lets this many calls pass before the first fault.
	Skip int
	// Times is how many calls it happens to; 0 means one, -1 all.
	Times int
	// Hook is called first, from the goroutine of the call; nil: nothing is.
	Hook func()
	// Delay passes before the call is served or refused.
	Delay time.Duration
	// Code and Message refuse the call; codes.OK serves it.
	Code    codes.Code
	Message string
	// RetryAfter is sent in the trailer of a refusal, in seconds, as the
	// server's rate limits do; 0 sends none.
	RetryAfter int
	// InsufficientStorage marks a refusal as the server's quotas do.
	InsufficientStorage bool
	// Applied serves the call before it is refused: the answer is lost, the
	// points are not.
	Applied bool
	// Status replaces the status of an update that succeeded. Unless Applied
	// is true the update is not done.
	Status pb.UpdateStatus
}

// Passing returns faults that a client has to outlive: each refuses a call, or
// loses the answer to one that was done.
func Passing() []Fault {
	var faults []Fault
	for _, code := range []codes.Code{codes.Unavailable, codes.Internal, codes.DeadlineExceeded} {
		faults = append(faults, Fault{Code: code, Message: "it will pass"}, Fault{Code: code, Message: "it will pass", Applied: true})
	}
	// Without a time to come again it would be a limit that is used up.
	return append(faults, Fault{Code: codes.ResourceExhausted, Message: "rate limit", RetryAfter: 1})
}

// The codes of refusals and the states of updates, for those who do not import
// gRPC.
const (
	Unavailable       = codes.Unavailable
	Internal          = codes.Internal
	ResourceExhausted = codes.ResourceExhausted
	InvalidArgument   = codes.InvalidArgument
	PermissionDenied  = codes.PermissionDenied
	Unauthenticated   = codes.Unauthenticated
	NotFound          = codes.NotFound

	Acknowledged = pb.UpdateStatus_Acknowledged
	WaitTimeout  = pb.UpdateStatus_WaitTimeout
)

// Inject makes a fault happen to calls to come. Faults that fit the same call
// happen one after the other, in the order of their injection.
func (s *Server) Inject(fault Fault) {
	if fault.Times == 0 {
		fault.Times = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &fault)
}

// Heal takes back the faults that have not happened yet.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// arrive counts a call and returns a copy of the fault that it meets.
func (s *Server) arrive(method, service string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[method]++
	for i, f := range s.faults {
		if f.Method != method && (f.Method != "" || service == pb.Qdrant_ServiceDesc.ServiceName) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		found := *f
		if f.Times--; f.Times == 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		return &found
	}
	return nil
}

func (f *Fault) happen(ctx context.Context, request any, next grpc.UnaryHandler) (any, error) {
	if f.Hook != nil {
		f.Hook()
	}
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return nil, status.FromContextError(ctx.Err()).Err()
		}
	}
	changed := f.Code != codes.OK || f.Status != pb.UpdateStatus_UnknownUpdateStatus
	if !changed || f.Applied {
		reply, err := next(ctx, request)
		if err != nil || !changed {
			return reply, err
		}
	}
	if f.Code == codes.OK {
		return &pb.PointsOperationResponse{Result: &pb.UpdateResult{Status: f.Status}}, nil
	}
	trailer := metadata.MD{}
	if f.RetryAfter > 0 {
		trailer.Set("retry-after", strconv.Itoa(f.RetryAfter))
	}
	if f.InsufficientStorage {
		trailer.Set("qdrant-insufficient-storage", "1")
	}
	if err := grpc.SetTrailer(ctx, trailer); err != nil {
		return nil, err
	}
	return nil, status.Error(f.Code, f.Message)
}
