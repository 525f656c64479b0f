package configs

import (
	"errors"
	"strings"
	"time"
)

// HuggingFace is a model behind Hugging Face's router, served by Hugging Face
// itself (hf-inference) or by a third party.
type HuggingFace struct {
	URL            URL    `yaml:"url" expand:"env"`     // of the router, or a mirror or gateway of it
	HubURL         URL    `yaml:"hub_url" expand:"env"` // of the Hub; "": HF_ENDPOINT, or huggingface.co
	Token          Secret `yaml:"token"`                // of Hugging Face; of the provider, to ask that without the router
	Provider       string `yaml:"provider"`             // auto, hf-inference, deepinfra, scaleway, together, or another
	Route          string `yaml:"route"`                // of a provider that is not known here: what stands before /embeddings
	ProviderID     string `yaml:"provider_id"`          // the provider's own name of the model; "": the Hub is asked
	BillTo         string `yaml:"bill_to"`              // organisation that pays; "": the owner of the token
	AllowClearText bool   `yaml:"allow_clear_text"`     // send the token over http off this machine
}

// The providers that are no third parties.
const (
	ProviderAuto        = "auto"
	ProviderHFInference = "hf-inference"
)

// DefaultHuggingFaceURL is the address of Hugging Face's router.
const DefaultHuggingFaceURL URL = "https://router.huggingface.co"

// DefaultHubURL is the address of the Hugging Face Hub.
const DefaultHubURL URL = "https://huggingface.co"

func (h *HuggingFace) defaults() { h.URL, h.Provider = DefaultHuggingFaceURL, ProviderAuto }

// ThirdParty reports whether a provider other than Hugging Face is named.
func (h *HuggingFace) ThirdParty() bool {
	return h.Provider != "" && h.Provider != ProviderAuto && h.Provider != ProviderHFInference
}

// Direct reports whether the token is a key of the provider itself: then its
// own address is asked and not the router. Tokens of Hugging Face begin with
// hf_, by which its own clients tell them apart too.
func (h *HuggingFace) Direct() bool {
	return h.ThirdParty() && !h.Token.IsZero() && !strings.HasPrefix(h.Token.Reveal(), "hf_") && h.URL == DefaultHuggingFaceURL
}

// HubURL returns the address of the Hub: that of the official client's variable
// HF_ENDPOINT, or the Hub's own.
func HubURL(env Env) (URL, error) {
	value, _ := env.lookup("HF_ENDPOINT")
	if value == "" {
		return DefaultHubURL, nil
	}
	var u URL
	if err := u.UnmarshalText([]byte(value)); err != nil {
		return "", errors.New("the environment variable HF_ENDPOINT " + err.Error())
	}
	return u, nil
}

func (h *HuggingFace) validate(v *validator, path string) {
	v.url(h.URL, path+".url")
	v.exposed(h.Token, h.URL, h.AllowClearText, path+".token")
	plain := func(text string) bool {
		return strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`/?#%\`, r) }) < 0
	}
	v.check(plain(h.Provider), path+".provider", "must be a name such as hf-inference, without / or spaces")
	v.check(h.Route == "" || h.ThirdParty(), path+".route", "is for a provider that is named in provider, and not for %s", quote(h.Provider))
	v.check(!strings.ContainsAny(h.Route, " \t\n?#%\\") && !strings.Contains(h.Route, ".."), path+".route", "must be a path such as v1/openai, without ? and #")
	v.check(h.ProviderID == "" || h.ThirdParty(), path+".provider_id", "is for a provider that is named in provider, and not for %s", quote(h.Provider))
	v.check(!strings.ContainsFunc(h.BillTo, func(r rune) bool { return r <= ' ' || r >= 0x7f }), path+".bill_to", "must be the name of an organisation, without spaces")
	v.check(h.BillTo == "" || !h.Direct(), path+".bill_to", "has no effect with the provider's own key: the provider bills its owner")
}

// InferenceEndpoint is a dedicated Inference Endpoint of Hugging Face.
type InferenceEndpoint struct {
	URL            URL           `yaml:"url" expand:"env"` // posted to as it is given; before /embeddings for openai
	Token          Secret        `yaml:"token"`
	Protocol       Protocol      `yaml:"protocol"`
	Model          string        `yaml:"model"`            // the engine's own name for the model, for openai; "": Embed.Model
	ScaleUp        time.Duration `yaml:"scale_up"`         // how long a request is held while an endpoint at zero starts; 0: not
	AllowClearText bool          `yaml:"allow_clear_text"` // send the token over http off this machine
}

// Protocol is what the engine of a dedicated endpoint speaks.
type Protocol string

// The protocols.
const (
	ProtocolPipeline Protocol = "pipeline" // text-embeddings-inference and Hugging Face's toolkit
	ProtocolOpenAI   Protocol = "openai"   // vLLM, llama.cpp, and others of that style
)

// UnmarshalText accepts the names of the choices.
func (p *Protocol) UnmarshalText(text []byte) error {
	return choose(p, text, ProtocolPipeline, ProtocolOpenAI)
}

func (i *InferenceEndpoint) defaults() { i.Protocol = ProtocolPipeline }

func (i *InferenceEndpoint) validate(v *validator, path string, warmUp time.Duration) {
	v.url(i.URL, path+".url")
	v.exposed(i.Token, i.URL, i.AllowClearText, path+".token")
	v.check(i.Model == "" || i.Protocol == ProtocolOpenAI, path+".model", "is for protocol: openai; the others serve one model")
	v.duration(i.ScaleUp, 0, path+".scale_up")
	v.check(i.ScaleUp <= warmUp, path+".scale_up", "is %v, more than warm_up (%v), which a model may take to load", i.ScaleUp, warmUp)
}
