package retry_test

import (
	"context"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/retry"
)

func TestACallThatIsMadeOnceIsNotRepeated(t *testing.T) {
	t.Parallel()
	want := failure(pipeline.Transient, 0)
	calls := 0
	err := retry.Do(retry.Once(t.Context()), policy(0), nil, func(ctx context.Context) error {
		calls++
		if !retry.IsOnce(ctx) {
			t.Error("the call does not know")
		}
		return want
	})
	if calls != 1 || err != want { //nolint:errorlint // The same error is wanted.
		t.Errorf("%d calls, %v, want one, and its error", calls, err)
	}
	if retry.IsOnce(t.Context()) {
		t.Error("a call that nobody marked is made once")
	}
}
