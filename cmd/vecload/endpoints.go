package main

import (
	"errors"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/openai"
	"github.com/vecload/vecload/pipeline/embedders/tei"
)

// client makes the client that speaks to one endpoint of a model. Each kind
// of endpoint has its case here and nowhere else.
func (a assembly) client(e configs.Endpoint, model string) (pipeline.Embedder, error) {
	embed := a.config.Embed
	switch {
	case e.HuggingFace != nil:
		return a.routed(e.HuggingFace, model)
	case e.InferenceEndpoint != nil:
		return a.dedicated(e.InferenceEndpoint, model)
	case e.TEI != nil:
		return tei.New(tei.Options{
			URL: string(e.TEI.URL), Token: credential.New(e.TEI.Token.Reveal()), Timeout: embed.Timeout,
			InFlight: embed.InFlight, AllowClearText: e.TEI.AllowClearText,
		})
	case e.OpenAI != nil:
		name := e.OpenAI.Model
		if name == "" {
			name = model
		}
		return openai.New(openai.Options{
			URL: string(e.OpenAI.URL), Model: name, Token: credential.New(e.OpenAI.Token.Reveal()),
			Dimensions: e.OpenAI.Dimensions, Timeout: embed.Timeout, InFlight: embed.InFlight,
			AllowClearText: e.OpenAI.AllowClearText,
		})
	}
	return nil, &usageError{err: errors.New("an endpoint names no server"), hint: "give it one of huggingface, tei and openai"}
}
