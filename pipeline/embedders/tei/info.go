package tei

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/vecload/vecload/pipeline"
)

var errNoInfo = errors.New("the answer names no model")

// Info is what a server says about itself. The dimension and the limit on
// bytes are not part of it.
type Info struct {
	Model    string `json:"model_id"`
	Revision string `json:"model_sha"`         // "" for a model from a folder
	Name     string `json:"served_model_name"` // "" before version 1.9
	Version  string `json:"version"`           // of the server

	MaxBatch    int `json:"max_client_batch_size"`   // texts in a request
	MaxTokens   int `json:"max_input_length"`        // tokens in a text
	MaxInFlight int `json:"max_concurrent_requests"` // texts in flight, over all clients

	AutoTruncate bool `json:"auto_truncate"` // long texts are cut unless told otherwise
}

// Info asks the server for its model and its limits.
func (c *Client) Info(ctx context.Context) (Info, error) {
	answer, err := c.rest.Get(ctx, "info", 1<<20)
	if err != nil {
		return Info{}, err
	}
	if e := c.rest.Unusable(answer, nil); e != nil {
		return Info{}, e
	}
	if answer.Status != http.StatusOK {
		return Info{}, classify(answer, c.rest.Proven(), nil)
	}
	var info Info
	if err := json.Unmarshal(answer.Body, &info); err != nil || info.Model == "" {
		return Info{}, &pipeline.Error{
			Op: answer.Op, Class: pipeline.Misconfigured, Err: errNoInfo,
			Hint: "the server does not speak like text-embeddings-inference; check the kind of the endpoint",
		}
	}
	return info, nil
}
