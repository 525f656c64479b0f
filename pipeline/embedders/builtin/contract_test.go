package builtin_test

import (
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/embeddertest"
)

func TestTheModelKeepsTheContractOfEmbedders(t *testing.T) {
	t.Parallel()
	embeddertest.Run(t, func(t *testing.T) pipeline.Embedder {
		t.Helper()
		return model(t)
	})
}
