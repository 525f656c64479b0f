package tei

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

// Describe implements [embedders.Describer] by GET /info. Where a gateway
// keeps that route to itself nothing is told. A server that was started with
// another model than the client asks for is an error of class NotServed, for
// requests do not name the model.
func (c *Client) Describe(ctx context.Context) (embedders.Known, error) {
	info, err := c.Info(ctx)
	switch {
	case err == nil:
	case pipeline.Classify(err) == pipeline.NotServed, pipeline.Classify(err) == pipeline.Misconfigured:
		return embedders.Known{}, nil
	default:
		return embedders.Known{}, err
	}
	if c.model != "" && named(c.model) && named(info.Model) &&
		!strings.EqualFold(c.model, info.Model) && !strings.EqualFold(c.model, info.Name) {
		return embedders.Known{}, &pipeline.Error{
			Op: c.rest.Op(http.MethodGet, "info"), Class: pipeline.NotServed,
			Err:  fmt.Errorf("the server serves %s, not %s", rest.Word(info.Model), c.model),
			Hint: "name the model that the server serves in embed.model, or start the server with the other one",
		}
	}
	return embedders.Known{
		Model: info.Model, Revision: info.Revision,
		Texts: info.MaxBatch, TextTokens: info.MaxTokens, InFlightTexts: info.MaxInFlight,
	}, nil
}

// named reports whether a name is one of the Hub's, owner/model. The others
// are folders, such as /data or /repository.
func named(model string) bool {
	owner, name, ok := strings.Cut(model, "/")
	return ok && owner != "" && owner != "." && owner != ".." && name != "" && !strings.ContainsAny(name, `/\`)
}
