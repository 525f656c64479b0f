package embeddertest

import (
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// Classified checks what a client makes of an answer other than vectors: the
// class of the error, what its hint says, and that it passes on how long the
// server asks to wait where the call may be tried again. The server of the
// client gives vectors once and then that answer, which asks to wait for
// after.
func Classified(t *testing.T, client pipeline.Embedder, class pipeline.Class, hint string, after time.Duration) {
	t.Helper()
	embed(t, client, []string{"first"})
	_, err := client.Embed(t.Context(), []string{"second"})
	if err == nil || pipeline.Classify(err) != class || !strings.Contains(pipeline.Hint(err), hint) {
		t.Fatalf("err = %v (%s, hint %q), want %s with %q", err, pipeline.Classify(err), pipeline.Hint(err), class, hint)
	}
	if class != pipeline.Throttled && class != pipeline.Transient && class != pipeline.Warming {
		after = 0
	}
	if got := pipeline.After(err); got != after {
		t.Errorf("after = %s, want %s", got, after)
	}
}

// WarmsUp checks that the first answer of a client's server, a failure, is
// taken for a model that is being loaded.
func WarmsUp(t *testing.T, client pipeline.Embedder) {
	t.Helper()
	if _, err := client.Embed(t.Context(), []string{"first"}); pipeline.Classify(err) != pipeline.Warming {
		t.Errorf("the first request: %v (%s), want it warming", err, pipeline.Classify(err))
	}
}
