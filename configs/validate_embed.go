package configs

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// validate checks what is written at the path at: embed, or one of vectors.
func (e *Embed) validate(v *validator, at string) {
	e.validateModel(v, at)
	v.number(e.Batch.Texts, 1, 10_000, at+".batch.texts")
	if e.ofImages() {
		v.check(e.Batch.Tokens == 0, at+".batch.tokens", "is for texts; batches of images are bounded by texts, their number, and by bytes")
	} else {
		v.number(e.Batch.Tokens, 1, 100_000_000, at+".batch.tokens")
	}
	v.check(e.Batch.Bytes >= KB && e.Batch.Bytes <= GB, at+".batch.bytes", "must be from 1KB to 1GB, is %v", e.Batch.Bytes)
	v.number(e.InFlight, 1, 1024, at+".in_flight")
	v.duration(e.Timeout, time.Millisecond, at+".timeout")
	v.duration(e.WarmUp, 0, at+".warm_up")
	v.duration(e.RetryFor, 0, at+".retry_for")
}

// validateModel checks what an alternative has too.
func (e *Embed) validateModel(v *validator, at string) {
	v.model(e.Model, at+".model")
	v.servers(e, at)
	for i, endpoint := range e.Endpoints {
		endpoint.validate(v, fmt.Sprintf("%s.endpoints[%d]", at, i), at, e)
	}
	v.number(e.Cut, 0, 65536, at+".cut")
	v.check(!e.ofImages() || e.Prefix.Document == "", at+".prefix.document",
		"is put before texts, and here vectors are made of images; prefix.query is put before what is searched for")
}

// validate checks an endpoint at path. What it needs of the model is in embed,
// which was written at the path model.
func (e Endpoint) validate(v *validator, path, model string, embed *Embed) {
	kinds := 0
	if h := e.HuggingFace; h != nil {
		kinds++
		h.validate(v, path+".huggingface")
	}
	if i := e.InferenceEndpoint; i != nil {
		kinds++
		i.validate(v, path+".inference_endpoint", embed.WarmUp)
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
	if o := e.Ollama; o != nil {
		kinds++
		o.validate(v, path+".ollama")
	}
	if c := e.Cohere; c != nil {
		kinds++
		c.validate(v, path+".cohere", model, embed.Cut)
	}
	if s := e.AnyServer; s != nil {
		kinds++
		s.validate(v, path+".server")
	}
	if s := e.SIE; s != nil {
		kinds++
		s.validate(v, path+".sie")
	}
	if r := e.Raw; r != nil {
		kinds++
		r.validate(v, path+".raw")
	}
	v.check(kinds > 0, path, "must hold one of %s", strings.Join(kindNames(), ", "))
	v.check(kinds <= 1, path, "must hold one of %s, not several", strings.Join(kindNames(), ", "))
	e.takes(v, path, embed)
	pools := "a huggingface endpoint"
	if embed.ofImages() {
		pools = "a raw endpoint"
	}
	v.check(embed.Pooling == "" || embed.poolsHere() || kinds == 0, model+".pooling",
		"is only for %s: the others pool by themselves", pools)
}

// kindNames are the keys of the kinds of endpoint.
func kindNames() []string {
	var names []string
	for field := range reflect.TypeFor[Endpoint]().Fields() {
		names = append(names, field.Tag.Get("yaml"))
	}
	return names
}

// poolsHere reports whether an endpoint may answer with a vector for each
// token. Others beside it pool by themselves, and have to agree with it.
func (e *Embed) poolsHere() bool {
	return slices.ContainsFunc(e.Endpoints, func(endpoint Endpoint) bool {
		if e.ofImages() {
			return endpoint.Raw != nil
		}
		return endpoint.HuggingFace != nil || endpoint.InferenceEndpoint != nil
	})
}

func (v *validator) url(u URL, path string) { v.check(u != "", path, missing) }

// exposed refuses a secret that anybody on the way could read.
func (v *validator) exposed(secret Secret, to URL, allowed bool, path string) {
	v.check(secret.IsZero() || allowed || !to.exposes(), path,
		"would be sent in clear text to another machine; use https, or, where the network is trusted, allow_clear_text: true")
}
