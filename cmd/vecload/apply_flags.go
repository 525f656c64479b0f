package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/vecload/vecload/configs"
)

// applyFlags is the one place where flags override the file. A flag that the
// command does not have is not set.
func applyFlags(c *cli.Context, p process, config *configs.Config) error {
	for flag, path := range flagPaths() {
		if c.IsSet(flag) {
			config.FromFlag(path, "--"+flag)
		}
	}
	endpointFromFlag(c, config)
	takeCandidate(c, config)
	override(c, c.String, "text", &config.Source.Text)
	override(c, c.String, "image", &config.Source.Image)
	override(c, c.String, "image-folder", &config.Source.ImageFolder)
	override(c, c.Bool, "image-urls", &config.Source.ImageURLs)
	override(c, c.String, "id", &config.Source.ID)
	override(c, c.StringSlice, "payload", &config.Source.Payload)
	if c.IsSet("chunk-tokens") || c.IsSet("chunk-overlap") {
		if config.Chunk == nil {
			chunk := configs.DefaultChunk()
			// The overlap suits the default size; another size gets a like one.
			if c.IsSet("chunk-tokens") && !c.IsSet("chunk-overlap") {
				chunk.Overlap = c.Int("chunk-tokens") / 8
			}
			config.Chunk = &chunk
		}
		override(c, c.Int, "chunk-tokens", &config.Chunk.MaxTokens)
		override(c, c.Int, "chunk-overlap", &config.Chunk.Overlap)
	}
	override(c, c.String, "rejects", &config.Rejects)
	override(c, c.Duration, "grace", &config.Grace)
	if c.Command.Name == "retry" {
		config.MaxRejects = nil // that of the file is about the whole corpus
	}
	if c.IsSet("max-rejects") {
		config.MaxRejects = new(configs.MaxRejects)
		if err := config.MaxRejects.UnmarshalText([]byte(c.String("max-rejects"))); err != nil {
			return flagError("max-rejects", err)
		}
	}
	override(c, c.Bool, "delete-missing", &config.Index.DeleteMissing)
	if c.IsSet("publish") {
		if err := config.Index.Publish.UnmarshalText([]byte(c.String("publish"))); err != nil {
			return flagError("publish", err)
		}
	}
	applyHybridFlag(c, config)
	if c.IsSet("max-delete") {
		if err := config.Index.MaxDeleteShare.UnmarshalText([]byte(c.String("max-delete"))); err != nil {
			return flagError("max-delete", err)
		}
		if !config.Index.DeleteMissing {
			return flagError("max-delete", errors.New("has no effect without --delete-missing"))
		}
	}
	if config.Vectors != nil {
		return errors.Join(forOneVector(c), applyIndexFlags(c, p, &config.Index))
	}
	return errors.Join(applyEmbedFlags(c, p, &config.Embed), applyIndexFlags(c, p, &config.Index))
}

// forOneVector refuses the flags of a model where a file names several
// vectors, of which the flag would have to choose one.
func forOneVector(c *cli.Context) error {
	for _, group := range [][]cli.Flag{embedFlags(), loadFlags()} {
		for _, flag := range group {
			if name := flag.Names()[0]; c.IsSet(name) {
				return &usageError{
					err:  fmt.Errorf("--%s is for a configuration with one vector, and this one has several", name),
					hint: "change it under vectors in the configuration",
				}
			}
		}
	}
	return nil
}

// flagPaths says which value of the configuration a flag overrides, so that a
// problem with it is told by the name that the user gave.
func flagPaths() map[string]string {
	return map[string]string{
		"text":          "source.text",
		"image":         "source.image",
		"image-folder":  "source.image_folder",
		"image-urls":    "source.image_urls",
		"input":         "embed.input",
		"id":            "source.id",
		"payload":       "source.payload",
		"chunk-tokens":  "chunk.max_tokens",
		"chunk-overlap": "chunk.overlap",
		"rejects":       "rejects",
		"grace":         "grace",
		"max-rejects":   "max_rejects",

		"delete-missing": "index.delete_missing",
		"max-delete":     "index.max_delete_share",
		"publish":        "index.publish",

		"model":        "embed.model",
		"prefix":       "embed.prefix.document",
		"query-prefix": "embed.prefix.query",
		"strict":       "embed.strict",
		"timeout":      "embed.timeout",
		"warm-up":      "embed.warm_up",
		"retry-for":    "embed.retry_for",
		"batch":        "embed.batch.texts",
		"in-flight":    "embed.in_flight",
		"pooling":      "embed.pooling",
		"huggingface":  "embed.endpoints[0].huggingface.url",
		"tei":          "embed.endpoints[0].tei.url",
		"openai":       "embed.endpoints[0].openai.url",
		"ollama":       "embed.endpoints[0].ollama.url",
		"cohere":       "embed.endpoints[0].cohere.url",
		"sie":          "embed.endpoints[0].sie.url",
		"raw":          "embed.endpoints[0].raw.url",
		"server":       "embed.endpoints[0].server.url",

		"inference-endpoint": "embed.endpoints[0].inference_endpoint.url",

		"qdrant":     "index.qdrant.url",
		"collection": "index.qdrant.collection",
		"api-key":    "index.qdrant.api_key",
		"sqlite":     "index.sqlite.path",
	}
}

// takeCandidate makes of --model the model of the configuration. The name of an
// alternative takes all of that alternative, its index included, and so does
// the name of its index in a search. The alternatives of the file are those of
// its own model, and stay behind with it.
func takeCandidate(c *cli.Context, config *configs.Config) {
	if c.IsSet("model") && config.Vectors != nil && c.Command.Name == "resolve" {
		takeLane(c.String("model"), config)
		return
	}
	named := c.IsSet("model") && c.String("model") != config.Embed.Model
	for _, candidate := range config.Candidates()[1:] {
		if named && config.Vectors == nil && candidate.Embed.Model == c.String("model") || c.Command.Name == "search" && namesIndex(c, candidate.Index) {
			*config = candidate
			return
		}
	}
	if named {
		config.Embed.Alternatives = nil
	}
}

// takeLane makes the configuration one of the model alone: that of the vector
// which it makes, or of nothing that the file says. No corpus is read for it,
// so that where its images would be does not matter.
func takeLane(model string, config *configs.Config) {
	embed := configs.DefaultEmbed(configs.InputText)
	for _, l := range config.Lanes() {
		for _, choice := range config.Choices(l.Vector) {
			if choice.Model == model {
				embed = choice
			}
		}
	}
	config.Vectors, config.Embed, config.Index.Hybrid = nil, embed, nil
	if embed.Input != configs.InputImage {
		config.Source = configs.Source{}
	}
}

// namesIndex reports whether a flag names the index.
func namesIndex(c *cli.Context, index configs.Index) bool {
	switch {
	case index.Qdrant != nil:
		return c.String("collection") == index.Qdrant.Collection
	case index.SQLite != nil:
		return c.String("sqlite") == index.SQLite.Path
	}
	return false
}

func applyEmbedFlags(c *cli.Context, p process, embed *configs.Embed) error {
	if c.IsSet("input") {
		input := embed.Input
		if err := input.UnmarshalText([]byte(c.String("input"))); err != nil {
			return flagError("input", err)
		}
		if input != embed.Input {
			embed.Input, embed.Batch = input, configs.DefaultBatch(input)
		}
	}
	override(c, c.String, "model", &embed.Model)
	override(c, c.String, "prefix", &embed.Prefix.Document)
	override(c, c.String, "query-prefix", &embed.Prefix.Query)
	override(c, c.Bool, "strict", &embed.Strict)
	override(c, c.Duration, "timeout", &embed.Timeout)
	override(c, c.Duration, "warm-up", &embed.WarmUp)
	override(c, c.Duration, "retry-for", &embed.RetryFor)
	override(c, c.Int, "batch", &embed.Batch.Texts)
	override(c, c.Int, "in-flight", &embed.InFlight)
	if c.IsSet("pooling") {
		if err := embed.Pooling.UnmarshalText([]byte(c.String("pooling"))); err != nil {
			return flagError("pooling", err)
		}
	}
	var token configs.Secret
	if c.IsSet("token") {
		var err error
		if token, err = configs.ParseSecret(c.String("token"), environment(p)); err != nil {
			return flagError("token", err)
		}
	}
	endpoint, err := endpointFlag(c, embed.Model, token)
	switch {
	case err != nil:
		return err
	case endpoint != nil:
		embed.Endpoints = []configs.Endpoint{*endpoint}
	case c.IsSet("model") && embed.Model == configs.Builtin:
		embed.Endpoints = nil // the file's endpoints serve the file's model
	case c.IsSet("model") && len(embed.Endpoints) == 0:
		embed.Endpoints = []configs.Endpoint{{HuggingFace: &configs.HuggingFace{URL: configs.DefaultHuggingFaceURL, Token: token}}}
	case c.IsSet("token"):
		return setToken(embed.Endpoints, token)
	}
	return nil
}

// endpointFlag makes the endpoint that a flag names, nil when none does.
func endpointFlag(c *cli.Context, model string, token configs.Secret) (*configs.Endpoint, error) {
	var set []string
	for _, name := range endpointFlags() {
		if c.IsSet(name) {
			set = append(set, name)
		}
	}
	if len(set) == 0 {
		return nil, nil
	}
	if len(set) > 1 {
		return nil, &usageError{err: fmt.Errorf("--%s and --%s are two endpoints", set[0], set[1]), hint: "give one"}
	}
	if model == configs.Builtin {
		return nil, &usageError{err: fmt.Errorf("--%s needs --model", set[0]), hint: "name the model that the endpoint serves, so that the index remembers it"}
	}
	var url configs.URL
	if err := url.UnmarshalText([]byte(c.String(set[0]))); err != nil {
		return nil, flagError(set[0], err)
	}
	endpoint, _ := configs.NewEndpoint(strings.ReplaceAll(set[0], "-", "_"), url, token)
	return &endpoint, nil
}

// endpointFromFlag notes that the whole endpoint was given by a flag, so that
// what is wrong with its kind, or with its token, is told by that name.
func endpointFromFlag(c *cli.Context, config *configs.Config) {
	for _, name := range endpointFlags() {
		if !c.IsSet(name) {
			continue
		}
		at := strings.TrimSuffix(flagPaths()[name], ".url")
		config.FromFlag(at, "--"+name)
		if c.IsSet("token") {
			config.FromFlag(at+".token", "--token")
		}
	}
}

// endpointFlags are the flags that name an endpoint.
func endpointFlags() []string {
	return []string{"huggingface", "inference-endpoint", "tei", "openai", "ollama", "cohere", "sie", "raw", "server"}
}

func setToken(endpoints []configs.Endpoint, token configs.Secret) error {
	if len(endpoints) != 1 {
		return &usageError{err: errors.New("--token needs one endpoint"), hint: "give one, such as --tei URL, or --model, or the token in the configuration"}
	}
	endpoints[0] = endpoints[0].WithToken(token)
	return nil
}

func applyIndexFlags(c *cli.Context, p process, index *configs.Index) error {
	if c.IsSet("qdrant") && c.IsSet("sqlite") {
		return &usageError{err: errors.New("--qdrant and --sqlite are two indexes"), hint: "give one"}
	}
	if c.IsSet("sqlite") {
		index.Qdrant, index.SQLite = nil, &configs.SQLite{Path: c.String("sqlite")}
	}
	if c.IsSet("qdrant") {
		if index.Qdrant == nil {
			index.Qdrant = &configs.Qdrant{}
		}
		index.SQLite = nil
		if err := index.Qdrant.URL.UnmarshalText([]byte(c.String("qdrant"))); err != nil {
			return flagError("qdrant", err)
		}
	}
	if index.Qdrant == nil {
		if c.IsSet("collection") || c.IsSet("api-key") {
			return &usageError{err: errors.New("--collection and --api-key need a Qdrant server"), hint: "give --qdrant URL, or index.qdrant in the configuration"}
		}
		return nil
	}
	override(c, c.String, "collection", &index.Qdrant.Collection)
	if c.IsSet("api-key") {
		var err error
		if index.Qdrant.APIKey, err = configs.ParseSecret(c.String("api-key"), environment(p)); err != nil {
			return flagError("api-key", err)
		}
	}
	return nil
}

// override sets a value to that of a flag, if the flag was given.
func override[T string | int | bool | time.Duration | []string](c *cli.Context, get func(string) T, name string, to *T) {
	if c.IsSet(name) {
		*to = get(name)
	}
}

func flagError(name string, err error) error {
	return &usageError{err: fmt.Errorf("--%s %w", name, err), hint: "see --help"}
}
