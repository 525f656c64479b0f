package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

// served is one element of GET /models: OpenAI's fields, and those that vLLM,
// llama.cpp and Infinity put beside them.
type served struct {
	ID     string `json:"id"`
	Owner  string `json:"owned_by"`
	Root   string `json:"root"`          // vLLM: the model behind a name
	MaxLen int    `json:"max_model_len"` // vLLM: tokens of a text
	Meta   struct {
		Dim     int `json:"n_embd"`
		Context int `json:"n_ctx_train"`
	} `json:"meta"` // llama.cpp
	Capabilities []string `json:"capabilities"` // Infinity
}

// Describe implements [embedders.Describer] by GET /models, and GET /props of
// llama.cpp. A server without such a list tells nothing. A server with one
// model, which is plainly another than the client asks for, is an error of
// class NotServed: many such servers take any name.
func (c *Client) Describe(ctx context.Context) (embedders.Known, error) {
	known := embedders.Known{Texts: c.modality.most()}
	var list struct {
		Data []served `json:"data"`
	}
	if ok, err := c.ask(ctx, "models", &list); err != nil || !ok {
		return known, err
	}
	model, err := c.pick(list.Data)
	if err != nil || model == nil {
		return known, err
	}
	known.Model, known.Dim, known.TextTokens = model.ID, model.Meta.Dim, max(model.MaxLen, model.Meta.Context)
	switch model.Owner {
	case "openai", "openai-internal", "system":
		known.Texts, known.Tokens = 2048, 300_000 // https://platform.openai.com/docs/api-reference/embeddings/create
	case "llamacpp":
		err := c.props(ctx, &known)
		return known, err
	case "infinity":
		return known, c.capable(model)
	}
	return known, nil
}

// pick returns the model of the list that requests are answered by, nil when
// that cannot be told.
func (c *Client) pick(list []served) (*served, error) {
	for i, model := range list {
		if model.ID == c.model {
			return &list[i], nil
		}
	}
	if len(list) != 1 {
		return nil, nil //nolint:nilnil // Nothing is known, and nothing is wrong.
	}
	only := &list[0]
	if named(only.ID) && named(c.model) && !strings.EqualFold(only.ID, c.model) && !strings.EqualFold(only.Root, c.model) {
		return nil, &pipeline.Error{
			Op: c.rest.Op(http.MethodGet, "models"), Class: pipeline.NotServed,
			Err:  fmt.Errorf("the server serves %s, not %s", rest.Word(only.ID), c.model),
			Hint: "if that is another name of the same model, give it as model of the endpoint",
		}
	}
	return only, nil
}

// named reports whether a name is one of the Hub's, owner/model, and no path.
func named(model string) bool {
	owner, name, ok := strings.Cut(model, "/")
	return ok && owner != "" && owner != "." && owner != ".." && name != "" && !strings.ContainsAny(name, `/\`)
}

// capable refuses a model of Infinity's that has no vectors for such inputs.
func (c *Client) capable(model *served) error {
	want := "embed"
	if c.modality != Text {
		want = "image_embed"
	}
	if len(model.Capabilities) == 0 || slices.Contains(model.Capabilities, want) {
		return nil
	}
	return &pipeline.Error{
		Op: c.rest.Op(http.MethodGet, "models"), Class: pipeline.Misconfigured,
		Err:  fmt.Errorf("the server says that %s can do %s, not %s", rest.Word(model.ID), rest.Word(strings.Join(model.Capabilities, ", ")), want),
		Hint: "start the server with a model for such inputs",
	}
}

// props asks llama.cpp for the size of its context and how many requests it
// works on at once. It answers beside /v1.
func (c *Client) props(ctx context.Context, known *embedders.Known) error {
	var props struct {
		Slots    int `json:"total_slots"`
		Settings struct {
			Context int `json:"n_ctx"`
		} `json:"default_generation_settings"`
	}
	if ok, err := c.ask(ctx, "../props", &props); err != nil || !ok {
		return err
	}
	known.InFlight = props.Slots
	if props.Settings.Context > 0 {
		known.TextTokens = props.Settings.Context
	}
	return nil
}

// ask reads a JSON object into v. It returns false for a server that has
// nothing there.
func (c *Client) ask(ctx context.Context, path string, v any) (bool, error) {
	answer, err := c.rest.Get(ctx, path, 16<<20)
	if errors.Is(err, rest.ErrTooLong) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	switch answer.Status {
	case http.StatusOK:
		return answer.JSON() && json.Unmarshal(answer.Body, v) == nil, nil
	case http.StatusUnauthorized, http.StatusServiceUnavailable:
		return false, classify(answer, c.model, c.rest.Proven(), nil)
	}
	return false, nil
}
