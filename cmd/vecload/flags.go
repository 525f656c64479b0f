package main

import (
	"fmt"
	"slices"
	"strconv"

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
		&cli.StringFlag{Name: "image", Category: category, Usage: "`FIELD` that holds an image: bytes, {bytes, path}, a path, a data URI or an address"},
		&cli.StringFlag{Name: "image-folder", Category: category, DefaultText: "that of the corpus file", Usage: "`FOLDER` that the paths of images begin in"},
		&cli.BoolFlag{Name: "image-urls", Category: category, Usage: "fetch the images of which records give an http or https address"},
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
		&cli.StringFlag{Name: "model", Aliases: []string{"m"}, Category: category, Usage: "`NAME` of the model; builtin needs nothing, any other is asked of Hugging Face unless an endpoint is given, such as --openai"},
		&cli.StringFlag{Name: "input", Category: category, DefaultText: "text", Usage: "what the model makes vectors of: `text|image`"},
		&cli.StringFlag{Name: "huggingface", Category: category, Usage: "`URL` of the Hugging Face router or a mirror of it"},
		&cli.StringFlag{Name: "tei", Category: category, Usage: "`URL` of a text-embeddings-inference server"},
		&cli.StringFlag{Name: "openai", Category: category, Usage: "`URL` of an OpenAI-style server, up to and with /v1"},
		&cli.StringFlag{Name: "ollama", Category: category, Usage: "`URL` of an Ollama server"},
		&cli.StringFlag{Name: "cohere", Category: category, Usage: "`URL` of a server that speaks Cohere's /v2/embed"},
		&cli.StringFlag{Name: "inference-endpoint", Category: category, Usage: "`URL` of a dedicated Inference Endpoint of Hugging Face"},
		&cli.StringFlag{Name: "sie", Category: category, Usage: "`URL` of a server of Superlinked's inference engine"},
		&cli.StringFlag{Name: "raw", Category: category, Usage: "`URL` of a server that takes one image as the body of a request"},
		&cli.StringFlag{Name: "server", Category: category, Usage: "`URL` of a server of any kind, which is found out by asking it"},
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
		&cli.IntFlag{Name: "batch", Category: category, DefaultText: fmt.Sprintf("%d, of images %d", embed.Batch.Texts, configs.DefaultBatch(configs.InputImage).Texts), Usage: "at most `N` texts, or images, in one request"},
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
		maxRejectsFlag(),
		&cli.StringFlag{Name: "report", Usage: "write the report as JSON to `FILE`"},
		graceFlag(),
	}
}

func graceFlag() cli.Flag {
	return &cli.DurationFlag{Name: "grace", DefaultText: configs.DefaultGrace.String(), Usage: "`DURATION` that what is in flight gets after the first interrupt or SIGTERM"}
}

func maxRejectsFlag() cli.Flag {
	return &cli.StringFlag{Name: "max-rejects", DefaultText: "no limit", Usage: "stop and fail when more than `N|SHARE` of the documents are rejected: 100, 5%"}
}

func flags(groups ...[]cli.Flag) []cli.Flag {
	return append([]cli.Flag{configFlag()}, slices.Concat(groups...)...)
}
