package main

import (
	"errors"
	"strings"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/cohere"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/ollama"
	"github.com/vecload/vecload/pipeline/embedders/openai"
	"github.com/vecload/vecload/pipeline/embedders/recognize"
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
			URL: string(e.TEI.URL), Model: model, Token: credential.New(e.TEI.Token.Reveal()), Timeout: embed.Timeout,
			Truncate: &e.TEI.Truncate, InFlight: embed.InFlight, AllowClearText: e.TEI.AllowClearText,
		})
	case e.OpenAI != nil:
		return openai.New(openai.Options{
			URL: string(e.OpenAI.URL), Model: first(e.OpenAI.Model, model), Token: credential.New(e.OpenAI.Token.Reveal()),
			Dimensions: e.OpenAI.Dimensions, Timeout: embed.Timeout, InFlight: embed.InFlight,
			AllowClearText: e.OpenAI.AllowClearText,
		})
	case e.Ollama != nil:
		return ollama.New(ollama.Options{
			URL: string(e.Ollama.URL), Model: first(e.Ollama.Model, model), Token: credential.New(e.Ollama.Token.Reveal()),
			Context: e.Ollama.Context, Timeout: embed.Timeout, InFlight: embed.InFlight,
			AllowClearText: e.Ollama.AllowClearText,
		})
	case e.Cohere != nil:
		return cohere.New(cohere.Options{
			URL: string(e.Cohere.URL), Model: first(e.Cohere.Model, model), Token: credential.New(e.Cohere.Token.Reveal()),
			Truncate: cohere.Truncation(strings.ToUpper(string(e.Cohere.Truncate))), Dimensions: e.Cohere.Dimensions,
			Timeout: embed.Timeout, InFlight: embed.InFlight, AllowClearText: e.Cohere.AllowClearText,
		})
	case e.AnyServer != nil:
		return a.recognized(e.AnyServer, model)
	}
	return nil, &usageError{err: errors.New("an endpoint names no server"), hint: "give it one of huggingface, inference_endpoint, tei, openai, ollama, cohere and server"}
}

// recognized makes a client that finds out at its first call which kind of
// server it speaks to, says so, and goes on as if that kind had been given.
func (a assembly) recognized(s *configs.AnyServer, model string) (pipeline.Embedder, error) {
	return recognize.New(recognize.Options{
		URL: string(s.URL), Token: credential.New(s.Token.Reveal()), AllowClearText: s.AllowClearText,
	}, func(found recognize.Server) (pipeline.Embedder, error) {
		a.show.say("%s is %s; it is asked as %s.", s.URL, found.Name, found.Kind)
		var e configs.Endpoint
		address := configs.URL(found.URL)
		switch found.Kind {
		case recognize.TEI:
			e.TEI = &configs.TEI{URL: address, Token: s.Token, AllowClearText: s.AllowClearText}
		case recognize.OpenAI:
			e.OpenAI = &configs.OpenAI{URL: address, Token: s.Token, Model: s.Model, AllowClearText: s.AllowClearText}
		case recognize.Ollama:
			e.Ollama = &configs.Ollama{URL: address, Token: s.Token, Model: s.Model, AllowClearText: s.AllowClearText}
		case recognize.Cohere:
			e.Cohere = &configs.Cohere{URL: address, Token: s.Token, Model: s.Model, AllowClearText: s.AllowClearText}
		}
		return a.client(e, first(s.Model, model))
	})
}

// first returns the first text that says something.
func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
