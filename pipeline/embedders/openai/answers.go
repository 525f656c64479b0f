package openai

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

var errOtherRoute = errors.New("the answer is a list, not the object of an OpenAI-style server")

// otherRoute returns the failure of a server that has another route at the
// address: llama.cpp answers at /embeddings, without /v1, in a form of its own,
// which gives each text a list of vectors.
func otherRoute(a *rest.Answer) *pipeline.Error {
	if body := bytes.TrimLeft(a.Body, " \t\r\n"); len(body) == 0 || body[0] != '[' {
		return nil
	}
	return &pipeline.Error{
		Op: a.Op, Class: pipeline.Misconfigured, Err: errOtherRoute,
		Hint: "the url mostly ends in /v1; another route of the server answers here",
	}
}

// uncut returns the failure of a server that takes the field dimensions and
// does nothing with it, as llama.cpp does and, for more than the model has,
// Ollama.
func (c *Client) uncut(a *rest.Answer, dim int) *pipeline.Error {
	if c.dimensions == 0 || dim == c.dimensions {
		return nil
	}
	return &pipeline.Error{
		Op: a.Op, Class: pipeline.Misconfigured,
		Err:  fmt.Errorf("%d dimensions were asked for, and the vectors have %d", c.dimensions, dim),
		Hint: "the server does not cut vectors to that size; leave dimensions out, and cut them on this side",
	}
}
