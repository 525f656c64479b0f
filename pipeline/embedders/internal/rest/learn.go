package rest

import (
	"regexp"
	"strconv"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
)

// refusal is one way in which servers name a limit. The first group of the
// pattern is the number.
type refusal struct {
	pattern *regexp.Regexp
	set     func(*embedders.Known, int)
}

// refusals are looked for in order: what names the texts or the tokens of a
// request comes before what names those of one text. The server is named
// where a message has one origin.
//
//nolint:gochecknoglobals // compiled once, never changed
var refusals = []refusal{
	{regexp.MustCompile(`maximum allowed batch size (\d+)`), setTexts},                                  // TEI
	{regexp.MustCompile(`(?i)list should have at most (\d+) items?`), setTexts},                         // FastAPI: Infinity
	{regexp.MustCompile(`(?i)number of (?:texts|images|inputs) must be at most (\d+)`), setTexts},       // Cohere
	{regexp.MustCompile(`(?i)max(?:imum)? number of (?:inputs|texts|images) is (\d+)`), setTexts},       // Azure
	{regexp.MustCompile(`(?i)batch size limit is (\d+)`), setTexts},                                     // Voyage
	{regexp.MustCompile(`(?i)batch size .{0,40}not be larger than (\d+)`), setTexts},                    // DashScope
	{regexp.MustCompile(`(?i)at most (\d+) (?:requests|inputs|texts|images|items)`), setTexts},          // Gemini, SIE
	{regexp.MustCompile(`cannot add \d+ more \(limit: (\d+)\)`), setTexts},                              // SIE
	{regexp.MustCompile(`(?i)max (\d+) tokens per request`), setTokens},                                 // OpenAI
	{regexp.MustCompile(`(?i)tokens per submitted batch is (\d+)`), setTokens},                          // Voyage
	{regexp.MustCompile(`(?i)too many tokens in batch\. max is (\d+)`), setTokens},                      // Mistral
	{regexp.MustCompile(`current batch size: (\d+)`), setTextTokens},                                    // llama.cpp
	{regexp.MustCompile(`(?:available|max) context size \((\d+) tokens`), setTextTokens},                // llama.cpp
	{regexp.MustCompile(`must have less than (\d+) tokens`), setTextTokens},                             // TEI
	{regexp.MustCompile(`(?i)maximum context length (?:is|of) (\d+)(?: input)? tokens`), setTextTokens}, // OpenAI, vLLM
}

func setTexts(k *embedders.Known, n int)      { k.Texts = n }
func setTokens(k *embedders.Known, n int)     { k.Tokens = n }
func setTextTokens(k *embedders.Known, n int) { k.TextTokens = n }

// Limit returns the limit that the message of a refusal names, the zero Known
// when it names none.
func (d Detail) Limit() embedders.Known {
	message := d.Text[:min(len(d.Text), maxScrub)]
	var known embedders.Known
	for _, r := range refusals {
		found := r.pattern.FindStringSubmatch(message)
		if found == nil {
			continue
		}
		if n, err := strconv.Atoi(found[1]); err == nil && n > 0 {
			r.set(&known, n)
			return known
		}
	}
	return known
}

// withLimit lets those who send less next time learn what a refusal names.
func (d Detail) withLimit(class pipeline.Class, err error) error {
	if class != pipeline.Oversize && class != pipeline.Rejected {
		return err
	}
	if limit := d.Limit(); limit != (embedders.Known{}) {
		return &embedders.LimitError{Limit: limit, Err: err}
	}
	return err
}
