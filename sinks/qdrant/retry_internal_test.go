package qdrant

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"

	"github.com/vecload/vecload/pipeline"
)

// script answers upserts one by one and repeats its last answer. It stands in
// for the connection, which does not know virtual time.
type script struct {
	answers []answer
	calls   int
	takes   time.Duration
}

type answer struct {
	err    error
	status pb.UpdateStatus
}

func (s *script) upsert(ctx context.Context, _ mem.Buffer) (*pb.UpdateResult, error) {
	a := s.answers[min(s.calls, len(s.answers)-1)]
	s.calls++
	if s.takes > 0 {
		if err := sleep(ctx, s.takes); err != nil {
			return nil, status.FromContextError(err).Err()
		}
	}
	return &pb.UpdateResult{Status: a.status}, a.err
}

var completed = answer{status: pb.UpdateStatus_Completed}

func failing(code codes.Code) answer { return answer{err: status.Error(code, "a message")} }

// throttling is what the client makes of a trailer retry-after.
func throttling(seconds int) answer {
	return answer{err: errors.Join(&pb.QdrantResourceExhaustedError{RetryAfterS: seconds},
		status.Error(codes.ResourceExhausted, "Rate limiting exceeded"))}
}

// scripted makes an index that is prepared and has no connection.
func scripted(t *testing.T, s *script, options Options) (*Index, *[]time.Duration) {
	t.Helper()
	waits := &[]time.Duration{}
	options.OnRetry = func(_ error, wait time.Duration) { *waits = append(*waits, wait) }
	return &Index{
		options: options.withDefaults(), address: address{host: "qdrant", port: 6334}, upsert: s.upsert, contact: reached(),
		ready: &target{collection: "docs", spaces: pipeline.Spaces{"text": {Model: "a/model", Dim: 2}}, maxPoints: 10},
	}, waits
}

// reached is the contact to a server that has answered.
func reached() *Contact {
	c := NewContact()
	c.answered()
	return c
}

func onePoint() []pipeline.Point {
	return []pipeline.Point{{ID: pipeline.NewPointID("text", "a", 0), Name: "text", Doc: "a", Vector: pipeline.Vector{1, 0}}}
}

func TestWriteRepeatsUntilThePointsAreConfirmed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{
			failing(codes.Unavailable), failing(codes.Internal), failing(codes.DeadlineExceeded),
			failing(codes.Aborted), failing(codes.Unknown), failing(codes.Canceled),
			{status: pb.UpdateStatus_Acknowledged},
			{status: pb.UpdateStatus_WaitTimeout},
			{status: pb.UpdateStatus_ClockRejected},
			{status: pb.UpdateStatus_UnknownUpdateStatus},
			completed,
		}}
		index, waits := scripted(t, s, Options{})
		if err := index.Write(t.Context(), onePoint()); err != nil {
			t.Fatalf("Write: %v", err)
		}
		if got, want := s.calls, len(s.answers); got != want {
			t.Errorf("%d calls, want %d", got, want)
		}
		if got, want := len(*waits), len(s.answers)-1; got != want {
			t.Errorf("OnRetry was told %d times, want %d", got, want)
		}
		bound := firstWait
		for i, wait := range *waits {
			if wait < 0 || wait >= bound {
				t.Errorf("wait %d is %s, want less than %s", i, wait, bound)
			}
			bound = min(maxWait, 2*bound)
		}
	})
}

func TestWriteWaitsAsLongAsTheServerAsks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{throttling(7), throttling(60), completed}}
		// One try: the waits are not charged to it.
		index, waits := scripted(t, s, Options{RetryAttempts: 1})
		start := time.Now()
		if err := index.Write(t.Context(), onePoint()); err != nil {
			t.Fatalf("Write: %v", err)
		}
		for i, asked := range []time.Duration{7 * time.Second, time.Minute} {
			if wait := (*waits)[i]; wait < asked || wait >= asked+firstWait {
				t.Errorf("wait %d is %s, the server asked for %s", i, wait, asked)
			}
		}
		if took := time.Since(start); took < 67*time.Second || took > 68*time.Second {
			t.Errorf("Write took %s, want a little over 67 s", took)
		}
	})
}

func TestWriteGivesUp(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options Options
		answer  answer
		takes   time.Duration
		class   pipeline.Class
		calls   func(int) bool
		within  time.Duration
	}{
		"after its tries": {
			Options{RetryAttempts: 4},
			failing(codes.Unavailable), 0,
			pipeline.Transient, func(n int) bool { return n == 4 }, 1400 * time.Millisecond,
		},
		"after its time": {
			Options{},
			failing(codes.Internal), 20 * time.Second,
			pipeline.Transient, func(n int) bool { return n >= 10 && n <= 15 }, 5*time.Minute + 20*time.Second,
		},
		"when no call comes back": {
			Options{},
			failing(codes.Internal), time.Hour,
			pipeline.Transient, func(n int) bool { return n == 5 || n == 6 }, 6 * time.Minute,
		},
		"when nothing is ever confirmed": {
			Options{RetryAttempts: 3},
			answer{status: pb.UpdateStatus_Acknowledged},
			0,
			pipeline.Transient, func(n int) bool { return n == 3 }, time.Second,
		},
		"when it is throttled all the time": {
			Options{},
			throttling(60), 0,
			pipeline.Throttled, func(n int) bool { return n == 6 }, 5 * time.Minute,
		},
		"at once when a quota is used up": {
			Options{},
			failing(codes.ResourceExhausted), 0,
			pipeline.Fatal, func(n int) bool { return n == 1 }, 0,
		},
		"at once when the request is wrong": {
			Options{},
			failing(codes.InvalidArgument), 0,
			pipeline.Fatal, func(n int) bool { return n == 1 }, 0,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []answer{test.answer}, takes: test.takes}
				index, _ := scripted(t, s, test.options)
				start := time.Now()
				err := index.Write(t.Context(), onePoint())
				if err == nil {
					t.Fatal("Write succeeded")
				}
				if got := pipeline.Classify(err); got != test.class {
					t.Errorf("class of %q is %q, want %q", err, got, test.class)
				}
				if !test.calls(s.calls) {
					t.Errorf("%d calls", s.calls)
				}
				if took := time.Since(start); took > test.within {
					t.Errorf("took %s, want at most %s", took, test.within)
				}
			})
		})
	}
}

func TestWriteStopsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*script{
		"while it waits": {answers: []answer{throttling(600)}},
		"in a call":      {answers: []answer{completed}, takes: time.Hour},
		"between tries":  {answers: []answer{failing(codes.Unavailable)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				index, _ := scripted(t, s, Options{CallTimeout: 2 * time.Hour, RetryAttempts: 1 << 30})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				start := time.Now()
				err := index.Write(ctx, onePoint())
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("error is %v, want %v", err, context.DeadlineExceeded)
				}
				if took := time.Since(start); took != time.Minute {
					t.Errorf("took %s, want a minute", took)
				}
			})
		})
	}
}
