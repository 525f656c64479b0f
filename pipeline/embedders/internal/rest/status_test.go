package rest_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

func TestStatusOfAFailureIsKnown(t *testing.T) {
	t.Parallel()
	a := rest.Answer{Op: "POST x", Status: 402}
	err := fmt.Errorf("gave up: %w", a.Error(pipeline.Denied, "", rest.Detail{}, nil))
	if got := rest.Status(err); got != 402 {
		t.Errorf("Status = %d, want 402", got)
	}
	if got := rest.Status(errors.New("no answer")); got != 0 {
		t.Errorf("Status of another error = %d, want 0", got)
	}
}
