package ollama

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

// Describe implements [embedders.Describer] by POST /api/show: the dimension
// of the model and how many tokens it was trained for, of which the server may
// read fewer. A model that is not there is an error of class NotServed.
func (c *Client) Describe(ctx context.Context) (embedders.Known, error) {
	body := append(pipeline.AppendJSONString([]byte(`{"model":`), c.model), '}')
	answer, err := c.rest.Post(ctx, "api/show", body, 16<<20)
	if errors.Is(err, rest.ErrTooLong) {
		return embedders.Known{}, nil // Then the server does not tell.
	}
	if err != nil {
		return embedders.Known{}, err
	}
	if e := c.rest.Unusable(answer, nil); e != nil {
		return embedders.Known{}, e
	}
	if answer.Status != http.StatusOK {
		return embedders.Known{}, classify(answer, c.model, c.rest.Proven(), nil)
	}
	var shown struct {
		ModelInfo map[string]json.RawMessage `json:"model_info"`
	}
	if json.Unmarshal(answer.Body, &shown) != nil {
		return embedders.Known{}, nil //nolint:nilerr // Then the server does not tell.
	}
	known := embedders.Known{Model: c.model}
	for name, value := range shown.ModelInfo {
		switch {
		case strings.HasSuffix(name, ".embedding_length"):
			known.Dim = number(value)
		case strings.HasSuffix(name, ".context_length"):
			known.TextTokens = number(value)
		}
	}
	return known, nil
}

func number(raw json.RawMessage) int {
	var n int
	if json.Unmarshal(raw, &n) != nil || n < 0 {
		return 0
	}
	return n
}
