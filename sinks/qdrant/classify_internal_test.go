package qdrant

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/vecload/vecload/pipeline"
)

func TestEveryCodeHasAClass(t *testing.T) {
	t.Parallel()
	want := map[codes.Code]pipeline.Class{
		codes.Canceled:           pipeline.Transient,
		codes.Unknown:            pipeline.Transient,
		codes.InvalidArgument:    pipeline.Fatal,
		codes.DeadlineExceeded:   pipeline.Transient,
		codes.NotFound:           pipeline.Misconfigured,
		codes.AlreadyExists:      pipeline.Fatal,
		codes.PermissionDenied:   pipeline.Denied,
		codes.ResourceExhausted:  pipeline.Fatal,
		codes.FailedPrecondition: pipeline.Fatal,
		codes.Aborted:            pipeline.Transient,
		codes.OutOfRange:         pipeline.Fatal,
		codes.Unimplemented:      pipeline.Misconfigured,
		codes.Internal:           pipeline.Transient,
		codes.Unavailable:        pipeline.Transient,
		codes.DataLoss:           pipeline.Fatal,
		codes.Unauthenticated:    pipeline.Denied,
		codes.Code(99):           pipeline.Fatal,
	}
	for c, class := range want {
		// Wrapped, as everything is that the client returns.
		err := fmt.Errorf("Upsert() failed: %w", status.Error(c, "a message"))
		got, after := classify(err)
		if got != class || after != 0 {
			t.Errorf("%s is %q after %s, want %q", c, got, after, class)
		}
		if code(err) != c {
			t.Errorf("code of %v is %s", err, code(err))
		}
	}
}

func TestWhatIsNoStatusIsFatal(t *testing.T) {
	t.Parallel()
	for _, err := range []error{errors.New("something"), context.DeadlineExceeded, &pb.QdrantResourceExhaustedError{RetryAfterS: 1}} {
		if class, _ := classify(err); class != pipeline.Fatal {
			t.Errorf("%v is %q, want fatal", err, class)
		}
	}
}

func TestARateLimitSaysHowLong(t *testing.T) {
	t.Parallel()
	class, after := classify(throttling(7).err)
	if class != pipeline.Throttled || after != 7*time.Second {
		t.Errorf("class is %q after %s, want throttled after 7s", class, after)
	}
}

func TestErrorsAreShortAndOnOneLine(t *testing.T) {
	t.Parallel()
	index := &Index{address: address{host: "qdrant", port: 6334}, options: Options{Collection: "docs"}}
	err := index.fail("write to", status.Error(codes.InvalidArgument, "first\nsecond\t"+strings.Repeat("é", 5000)))
	const prefix = "write to http://qdrant:6334/collections/docs: InvalidArgument: first second é"
	if text := err.Error(); !strings.HasPrefix(text, prefix) || len(text) > 450 || strings.ContainsAny(text, "\n\t\ufffd") {
		t.Errorf("the error reads %.500q", text)
	}
}
