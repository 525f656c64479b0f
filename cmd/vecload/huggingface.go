package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/credential"
	"github.com/vecload/vecload/pipeline/embedders/huggingface"
	"github.com/vecload/vecload/pipeline/embedders/huggingface/hub"
	"github.com/vecload/vecload/pipeline/embedders/openai"
)

// routed makes the client of a model behind Hugging Face's router. Who serves
// it is found out at the first request, since the Hub has to be asked for it;
// hf-inference, when it is named, needs no asking.
func (l lane) routed(h *configs.HuggingFace, model string, used *usage) (pipeline.Embedder, error) {
	wish := l.wish(h, model)
	if wish.Provider == huggingface.HFInference || wish.ProviderID != "" {
		targets, err := huggingface.Targets(wish, nil)
		if err != nil {
			return nil, err
		}
		used.by(targets[0].Provider)
		return l.target(h, targets[0], model)
	}
	if _, err := huggingface.Targets(wish, nil); err != nil {
		return nil, err // what the Hub says does not mend
	}
	// What is wrong with options is told before anything is asked.
	first, err := l.target(h, huggingface.Target{Provider: huggingface.HFInference, URL: string(h.URL), Model: model}, model)
	if err != nil {
		return nil, err
	}
	client, err := l.hub(h)
	if err != nil {
		return nil, err
	}
	return newProviders(func(ctx context.Context) ([]provider, error) {
		m, err := client.Model(ctx, model)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		known := &m
		if err != nil {
			known = nil // the Hub is no gate
		}
		targets, err := huggingface.Targets(wish, known)
		if err != nil {
			return nil, err
		}
		var all []provider
		for _, t := range targets {
			embedder := first
			if t.Provider != huggingface.HFInference || t.Model != model {
				if embedder, err = l.target(h, t, model); err != nil {
					return nil, err
				}
			}
			all = append(all, provider{name: t.Provider, Embedder: embedder})
		}
		return all, nil
	}, func(name string) {
		used.by(name)
		if name != huggingface.HFInference {
			l.show.say("%s is served by %s.", model, name)
		}
	}), nil
}

// wish is what the configuration says about who is to serve a model.
func (a assembly) wish(h *configs.HuggingFace, model string) huggingface.Wish {
	return huggingface.Wish{
		Provider: h.Provider, Model: model, Router: string(h.URL), Route: h.Route, ProviderID: h.ProviderID, Direct: h.Direct(),
	}
}

// target makes the client of one provider: of the pipeline route for
// hf-inference, of the OpenAI style for all others.
func (l lane) target(h *configs.HuggingFace, t huggingface.Target, model string) (pipeline.Embedder, error) {
	embed := l.Embed
	secret := h.Token
	if secret.IsZero() && isHuggingFaceRouter(h.URL) {
		if login := configs.HuggingFaceToken(environment(l.process)); !h.ThirdParty() || huggingface.IsToken(login.Reveal()) {
			secret = login
		}
	}
	token := credential.New(secret.Reveal())
	if t.Provider == huggingface.HFInference {
		return huggingface.New(huggingface.Options{
			URL: t.URL, Model: t.Model, Token: token, BillTo: h.BillTo, Pooling: string(embed.Pooling),
			Timeout: embed.Timeout, InFlight: embed.InFlight, AllowClearText: h.AllowClearText,
		})
	}
	o := openai.Options{
		URL: t.URL, Model: t.Model, Token: token, Timeout: embed.Timeout, InFlight: embed.InFlight, AllowClearText: h.AllowClearText,
	}
	if !t.Direct {
		o.Answers = huggingface.Routed(t.Provider, model)
		if h.BillTo != "" {
			o.Header = http.Header{http.CanonicalHeaderKey(huggingface.BillTo): {h.BillTo}}
		}
	}
	return openai.New(o)
}

// dedicated makes the client of a dedicated Inference Endpoint.
func (l lane) dedicated(i *configs.InferenceEndpoint, model string) (pipeline.Embedder, error) {
	embed := l.Embed
	token := credential.New(i.Token.Reveal())
	if i.Protocol == configs.ProtocolOpenAI {
		if i.Model != "" {
			model = i.Model
		}
		return openai.New(openai.Options{
			URL: string(i.URL), Model: model, Token: token, Timeout: huggingface.ScaleUpTimeout(embed.Timeout, i.ScaleUp),
			InFlight: embed.InFlight, AllowClearText: i.AllowClearText,
			Header: huggingface.ScaleUpHeader(i.ScaleUp), Answers: huggingface.AnswersOfEndpoint,
		})
	}
	return huggingface.NewEndpoint(huggingface.EndpointOptions{
		URL: string(i.URL), Token: token, Pooling: string(embed.Pooling), ScaleUp: i.ScaleUp,
		Timeout: embed.Timeout, InFlight: embed.InFlight, AllowClearText: i.AllowClearText,
	})
}

// hub makes a client of the Hub: the one of the endpoint, if that names one,
// else that of the environment. The token goes to huggingface.co only.
func (a assembly) hub(h *configs.HuggingFace) (*hub.Client, error) {
	address, err := configs.HubURL(environment(a.process))
	if err != nil {
		return nil, &usageError{err: err, hint: "it is the address of the Hub, such as " + hub.Address + ", or not set"}
	}
	if h != nil && h.HubURL != "" {
		address = h.HubURL
	}
	var token configs.Secret
	if sameHost(address, configs.DefaultHubURL) {
		token = configs.HuggingFaceToken(environment(a.process))
		if h != nil && isHuggingFaceRouter(h.URL) && !h.Token.IsZero() {
			token = h.Token
		}
	}
	if !huggingface.IsToken(token.Reveal()) {
		token = configs.Secret{}
	}
	return hub.New(hub.Options{URL: string(address), Token: credential.New(token.Reveal())})
}

// isHuggingFaceRouter reports whether the token of the Hugging Face client is
// meant for this address.
func isHuggingFaceRouter(address configs.URL) bool {
	return sameHost(address, configs.DefaultHuggingFaceURL)
}

func sameHost(one, other configs.URL) bool {
	a, err1 := url.Parse(string(one))
	b, err2 := url.Parse(string(other))
	return errors.Join(err1, err2) == nil && a.Scheme == b.Scheme && a.Host == b.Host
}
