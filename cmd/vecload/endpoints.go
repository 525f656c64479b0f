package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/cohere"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/ollama"
	"github.com/vecload/vecload/pipeline/embedders/openai"
	"github.com/vecload/vecload/pipeline/embedders/raw"
	"github.com/vecload/vecload/pipeline/embedders/recognize"
	"github.com/vecload/vecload/pipeline/embedders/sie"
	"github.com/vecload/vecload/pipeline/embedders/tei"
)

// client makes the client that speaks to one endpoint of a model. Each kind
// of endpoint has its case here and nowhere else.
func (l lane) client(e configs.Endpoint, model string, used *usage) (pipeline.Embedder, error) {
	embed := l.Embed
	switch {
	case e.HuggingFace != nil:
		return l.routed(e.HuggingFace, model, used)
	case e.InferenceEndpoint != nil:
		return l.dedicated(e.InferenceEndpoint, model)
	case e.TEI != nil:
		return tei.New(tei.Options{
			URL: string(e.TEI.URL), Model: model, Token: credential.New(e.TEI.Token.Reveal()), Timeout: embed.Timeout,
			Truncate: &e.TEI.Truncate, InFlight: embed.InFlight, AllowClearText: e.TEI.AllowClearText,
		})
	case e.OpenAI != nil:
		return openai.New(openai.Options{
			URL: string(e.OpenAI.URL), Model: first(e.OpenAI.Model, model), Token: credential.New(e.OpenAI.Token.Reveal()),
			Dimensions: e.OpenAI.Dimensions, Timeout: embed.Timeout, InFlight: embed.InFlight,
			AllowClearText: e.OpenAI.AllowClearText, Modality: l.modality(e.OpenAI),
		})
	case e.Ollama != nil:
		return ollama.New(ollama.Options{
			URL: string(e.Ollama.URL), Model: first(e.Ollama.Model, model), Token: credential.New(e.Ollama.Token.Reveal()),
			Context: e.Ollama.Context, Timeout: embed.Timeout, InFlight: embed.InFlight,
			AllowClearText: e.Ollama.AllowClearText,
		})
	case e.Cohere != nil:
		purpose := cohere.Document
		if l.ofImages() {
			purpose = cohere.Image
		}
		return cohere.New(cohere.Options{
			Purpose: purpose,
			URL:     string(e.Cohere.URL), Model: first(e.Cohere.Model, model), Token: credential.New(e.Cohere.Token.Reveal()),
			Truncate: cohere.Truncation(strings.ToUpper(string(e.Cohere.Truncate))), Dimensions: e.Cohere.Dimensions,
			Timeout: embed.Timeout, InFlight: embed.InFlight, AllowClearText: e.Cohere.AllowClearText,
		})
	case e.SIE != nil:
		return sie.New(sie.Options{
			URL: string(e.SIE.URL), Model: first(e.SIE.Model, model), Token: credential.New(e.SIE.Token.Reveal()),
			Images: l.ofImages(), Timeout: embed.Timeout, InFlight: embed.InFlight, AllowClearText: e.SIE.AllowClearText,
		})
	case e.Raw != nil && l.ofImages():
		return raw.New(raw.Options{
			URL: string(e.Raw.URL), Token: credential.New(e.Raw.Token.Reveal()), Pooling: string(embed.Pooling),
			Timeout: embed.Timeout, InFlight: embed.InFlight, AllowClearText: e.Raw.AllowClearText,
		})
	case e.Raw != nil:
		return nil, &usageError{
			err:  fmt.Errorf("the endpoint %s takes images only", e.Name()),
			hint: "a text needs an endpoint that embeds texts by the same model, such as openai; name one beside it",
		}
	case e.AnyServer != nil:
		return l.recognized(e.AnyServer, model, used)
	}
	return nil, &usageError{err: errors.New("an endpoint names no server"), hint: "give it one of huggingface, inference_endpoint, tei, openai, ollama, cohere, sie, raw and server"}
}

// modality is what a server of OpenAI's style is sent.
func (l lane) modality(o *configs.OpenAI) openai.Modality {
	switch {
	case !l.ofImages():
		return openai.Text
	case o.Images == configs.ImageFormMessage:
		return openai.Message
	}
	return openai.Image
}

// recognized makes a client that finds out at its first call which kind of
// server it speaks to, says so, and goes on as if that kind had been given.
func (l lane) recognized(s *configs.AnyServer, model string, used *usage) (pipeline.Embedder, error) {
	return recognize.New(recognize.Options{
		URL: string(s.URL), Token: credential.New(s.Token.Reveal()), AllowClearText: s.AllowClearText,
	}, func(found recognize.Server) (pipeline.Embedder, error) {
		l.show.say("%s is %s; it is asked as %s.", s.URL, found.Name, found.Kind)
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
		return l.client(e, first(s.Model, model), used)
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
