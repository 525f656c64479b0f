package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/vecload/vecload/configs"
)

// defaultConfig is read when it is there and no other file is named.
const defaultConfig = "vecload.yaml"

func configFlag() cli.Flag {
	return &cli.StringFlag{Name: "config", Aliases: []string{"c"}, Usage: "read the configuration from `FILE` (default: " + defaultConfig + ", if it is there)"}
}

func outputFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "show no progress"},
	}
}

func sourceFlags() []cli.Flag {
	const category = "Corpus"
	return []cli.Flag{
		&cli.StringFlag{Name: "text", Category: category, Usage: "`FIELD` or template that gives the text: body, meta.abstract, '{{.title}}\\n\\n{{.body}}' (default: guessed and said)"},
		&cli.StringFlag{Name: "id", Category: category, Usage: "`FIELD` that identifies a document (default: id, doc_id, uuid or the like, else a hash of the text; said)"},
		&cli.StringSliceFlag{Name: "payload", Category: category, Usage: "`FIELDS` that are kept with each point, '*' for all"},
		&cli.IntFlag{Name: "chunk-tokens", Category: category, DefaultText: "one chunk a document", Usage: "cut texts into chunks of at most `N` tokens"},
		&cli.IntFlag{Name: "chunk-overlap", Category: category, DefaultText: "an eighth of a chunk", Usage: "`N` tokens that neighbouring chunks share"},
	}
}

func embedFlags() []cli.Flag {
	const category = "Model"
	embed := configs.Default().Embed
	return []cli.Flag{
		&cli.StringFlag{Name: "model", Aliases: []string{"m"}, Category: category, Usage: "`NAME` of the model; builtin needs nothing, any other is asked of Hugging Face unless --tei or --openai is given"},
		&cli.StringFlag{Name: "huggingface", Category: category, Usage: "`URL` of the Hugging Face router or a mirror of it"},
		&cli.StringFlag{Name: "tei", Category: category, Usage: "`URL` of a text-embeddings-inference server"},
		&cli.StringFlag{Name: "openai", Category: category, Usage: "`URL` of an OpenAI-style server, up to and with /v1"},
		&cli.StringFlag{Name: "token", Category: category, Usage: "token of the endpoint as '${`NAME`}' or file:PATH, never itself"},
		&cli.StringFlag{Name: "prefix", Category: category, Usage: "`TEXT` put before every document, as the model's card says"},
		&cli.StringFlag{Name: "query-prefix", Category: category, Usage: "`TEXT` put before every query"},
		&cli.StringFlag{Name: "pooling", Category: category, Usage: "how token-level answers are pooled: `mean|cls`"},
		&cli.BoolFlag{Name: "strict", Category: category, Usage: "take no alternative: without an endpoint that serves the model the exit code is 4"},
		&cli.DurationFlag{Name: "timeout", Category: category, DefaultText: embed.Timeout.String(), Usage: "`DURATION` of one request, at most"},
	}
}

func loadFlags() []cli.Flag {
	const category = "Load"
	embed := configs.Default().Embed
	return []cli.Flag{
		&cli.IntFlag{Name: "batch", Category: category, DefaultText: strconv.Itoa(embed.Batch.Texts), Usage: "at most `N` texts in one request"},
		&cli.IntFlag{Name: "in-flight", Category: category, DefaultText: strconv.Itoa(embed.InFlight), Usage: "at most `N` requests at once"},
		&cli.DurationFlag{Name: "warm-up", Category: category, DefaultText: embed.WarmUp.String(), Usage: "`DURATION` that a model may take to load"},
		&cli.DurationFlag{Name: "retry-for", Category: category, DefaultText: embed.RetryFor.String(), Usage: "`DURATION` that a failing request is repeated for"},
	}
}

func indexFlags() []cli.Flag {
	const category = "Index"
	return []cli.Flag{
		&cli.StringFlag{Name: "qdrant", Category: category, Usage: "`URL` of a Qdrant server's gRPC port: http://localhost:6334"},
		&cli.StringFlag{Name: "collection", Category: category, Usage: "`NAME` of the Qdrant collection"},
		&cli.StringFlag{Name: "api-key", Category: category, Usage: "key of the Qdrant server as '${`NAME`}' or file:PATH, never itself"},
		&cli.StringFlag{Name: "sqlite", Category: category, Usage: "`FILE` of the embedded index (default: " + configs.DefaultSQLitePath + ")"},
	}
}

func reportFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "rejects", Usage: "write rejected documents to `FILE`"},
		&cli.StringFlag{Name: "report", Usage: "write the report as JSON to `FILE`"},
	}
}

// loadConfig reads the file and lets the flags override it. Both tell all
// that is wrong at once; nothing else is opened before.
func loadConfig(c *cli.Context, p process) (configs.Config, error) {
	config, err := mergedConfig(c, p)
	if err != nil {
		return configs.Config{}, err
	}
	if err := config.Validate(wrongAddresses(config)...); err != nil {
		return configs.Config{}, err
	}
	return config, nil
}

// mergedConfig reads the file and lets the flags override it; the whole is
// still to be validated.
func mergedConfig(c *cli.Context, p process) (configs.Config, error) {
	config, err := readConfig(c, p)
	if err != nil {
		return configs.Config{}, err
	}
	if err := applyFlags(c, p, &config); err != nil {
		return configs.Config{}, err
	}
	config.Resolve(environment(p)) // once more, for an endpoint that a flag named
	return config, nil
}

// configFile is the file that is read for the configuration, if it is there.
func configFile(c *cli.Context) string {
	if c.IsSet("config") {
		return c.String("config")
	}
	return defaultConfig
}

// readFile reads no more than one byte above what a configuration may have.
func readFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // nothing was written to it
	return io.ReadAll(io.LimitReader(file, configs.MaxFile+1))
}

func readConfig(c *cli.Context, p process) (configs.Config, error) {
	name, named := configFile(c), c.IsSet("config")
	data, err := readFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		return configs.Default(), nil
	case err != nil:
		return configs.Config{}, &usageError{err: fmt.Errorf("cannot read the configuration: %w", err), hint: "name it with -c FILE, or leave -c out to run without one"}
	}
	return configs.Parse(name, data, environment(p))
}

func environment(p process) configs.Env { return configs.Env{Lookup: p.lookupEnv} }

// applyFlags is the one place where flags override the file. A flag that the
// command does not have is not set.
func applyFlags(c *cli.Context, p process, config *configs.Config) error {
	for flag, path := range flagPaths() {
		if c.IsSet(flag) {
			config.FromFlag(path, "--"+flag)
		}
	}
	takeCandidate(c, config)
	override(c, c.String, "text", &config.Source.Text)
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
	return errors.Join(applyEmbedFlags(c, p, &config.Embed), applyIndexFlags(c, p, &config.Index))
}

// flagPaths says which value of the configuration a flag overrides, so that a
// problem with it is told by the name that the user gave.
func flagPaths() map[string]string {
	return map[string]string{
		"text":          "source.text",
		"id":            "source.id",
		"payload":       "source.payload",
		"chunk-tokens":  "chunk.max_tokens",
		"chunk-overlap": "chunk.overlap",
		"rejects":       "rejects",
		"model":         "embed.model",
		"prefix":        "embed.prefix.document",
		"query-prefix":  "embed.prefix.query",
		"strict":        "embed.strict",
		"timeout":       "embed.timeout",
		"warm-up":       "embed.warm_up",
		"retry-for":     "embed.retry_for",
		"batch":         "embed.batch.texts",
		"in-flight":     "embed.in_flight",
		"pooling":       "embed.pooling",
		"huggingface":   "embed.endpoints[0].huggingface.url",
		"tei":           "embed.endpoints[0].tei.url",
		"openai":        "embed.endpoints[0].openai.url",
		"qdrant":        "index.qdrant.url",
		"collection":    "index.qdrant.collection",
		"api-key":       "index.qdrant.api_key",
		"sqlite":        "index.sqlite.path",
	}
}

// takeCandidate makes of --model the model of the configuration. The name of an
// alternative takes all of that alternative, its index included, and so does
// the name of its index in a search. The alternatives of the file are those of
// its own model, and stay behind with it.
func takeCandidate(c *cli.Context, config *configs.Config) {
	named := c.IsSet("model") && c.String("model") != config.Embed.Model
	for _, candidate := range config.Candidates()[1:] {
		if named && candidate.Embed.Model == c.String("model") || c.Command.Name == "search" && namesIndex(c, candidate.Index) {
			*config = candidate
			return
		}
	}
	if named {
		config.Embed.Alternatives = nil
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
	for _, name := range []string{"huggingface", "tei", "openai"} {
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
	switch set[0] {
	case "tei":
		return &configs.Endpoint{TEI: &configs.TEI{URL: url, Token: token}}, nil
	case "openai":
		return &configs.Endpoint{OpenAI: &configs.OpenAI{URL: url, Token: token}}, nil
	}
	return &configs.Endpoint{HuggingFace: &configs.HuggingFace{URL: url, Token: token}}, nil
}

func setToken(endpoints []configs.Endpoint, token configs.Secret) error {
	if len(endpoints) != 1 {
		return &usageError{err: errors.New("--token needs one endpoint"), hint: "give --tei, --openai or --model, or the token in the configuration"}
	}
	switch e := endpoints[0]; {
	case e.HuggingFace != nil:
		e.HuggingFace.Token = token
	case e.TEI != nil:
		e.TEI.Token = token
	case e.OpenAI != nil:
		e.OpenAI.Token = token
	}
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
			index.Qdrant = &configs.Qdrant{Vector: "text"}
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

func flags(groups ...[]cli.Flag) []cli.Flag {
	return append([]cli.Flag{configFlag()}, slices.Concat(groups...)...)
}
