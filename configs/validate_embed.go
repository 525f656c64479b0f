package configs

import (
	"fmt"
	"slices"
	"time"
)

func (e Embed) validate(v *validator) {
	v.model(e.Model, "embed.model")
	v.servers(e.Model, e.Endpoints, e.Pooling, "embed")
	for i, endpoint := range e.Endpoints {
		endpoint.validate(v, fmt.Sprintf("embed.endpoints[%d]", i), "embed", e)
	}
	v.number(e.Cut, 0, 65536, "embed.cut")
	v.number(e.Batch.Texts, 1, 10_000, "embed.batch.texts")
	v.number(e.Batch.Tokens, 1, 100_000_000, "embed.batch.tokens")
	v.check(e.Batch.Bytes >= KB && e.Batch.Bytes <= GB, "embed.batch.bytes", "must be from 1KB to 1GB, is %v", e.Batch.Bytes)
	v.number(e.InFlight, 1, 1024, "embed.in_flight")
	v.duration(e.Timeout, time.Millisecond, "embed.timeout")
	v.duration(e.WarmUp, 0, "embed.warm_up")
	v.duration(e.RetryFor, 0, "embed.retry_for")
}

// validate checks an endpoint at path. What it needs of the model is in embed,
// which was written at the path model.
func (e Endpoint) validate(v *validator, path, model string, embed Embed) {
	kinds := 0
	if h := e.HuggingFace; h != nil {
		kinds++
		path := path + ".huggingface"
		v.url(h.URL, path+".url")
		v.check(h.URL.host() != "api-inference.huggingface.co", path+".url", "is a retired host; use %s", DefaultHuggingFaceURL)
		v.exposed(h.Token, h.URL, h.AllowClearText, path+".token")
	}
	if t := e.TEI; t != nil {
		kinds++
		v.url(t.URL, path+".tei.url")
		v.exposed(t.Token, t.URL, t.AllowClearText, path+".tei.token")
	}
	if o := e.OpenAI; o != nil {
		kinds++
		path := path + ".openai"
		v.url(o.URL, path+".url")
		v.exposed(o.Token, o.URL, o.AllowClearText, path+".token")
		v.number(o.Dimensions, 0, 65536, path+".dimensions")
		v.check(o.Dimensions <= 0 || embed.Cut <= o.Dimensions, model+".cut",
			"is %d, more than the %d dimensions asked of the endpoint", embed.Cut, o.Dimensions)
	}
	v.check(kinds > 0, path, "must hold one of huggingface, tei, openai")
	v.check(kinds <= 1, path, "must hold one of huggingface, tei, openai, not several")
	v.check(embed.Pooling == "" || embed.poolsHere() || kinds == 0, model+".pooling",
		"is only for a huggingface endpoint: the others pool by themselves")
}

// poolsHere reports whether an endpoint may answer with a vector for each
// token. Others beside it pool by themselves, and have to agree with it.
func (e Embed) poolsHere() bool {
	return slices.ContainsFunc(e.Endpoints, func(e Endpoint) bool { return e.HuggingFace != nil })
}

func (v *validator) url(u URL, path string) { v.check(u != "", path, missing) }

// exposed refuses a secret that anybody on the way could read.
func (v *validator) exposed(secret Secret, to URL, allowed bool, path string) {
	v.check(secret.IsZero() || allowed || !to.exposes(), path,
		"would be sent in clear text to another machine; use https, or, where the network is trusted, allow_clear_text: true")
}
