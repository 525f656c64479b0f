package main

import (
	"cmp"
	"path/filepath"
	"strconv"
	"time"
)

// scenario is what one measurement runs.
type scenario struct {
	Name     string        `json:"name"`
	Corpus   corpus        `json:"corpus"`
	Protocol string        `json:"protocol"` // builtin, huggingface, tei or openai
	Index    string        `json:"index"`    // sqlite or qdrant
	Dim      int           `json:"dim,omitempty"`
	Batch    int           `json:"batch"`
	InFlight int           `json:"in_flight"`
	Latency  time.Duration `json:"latency_ns,omitempty"`
	Limit    int           `json:"endpoint_limit,omitempty"`     // requests at once; more get 429
	MaxBatch int           `json:"endpoint_max_batch,omitempty"` // texts a request; more are refused
	// Again is the command that is measured over an index which holds the
	// corpus already: run, plan or verify. "" measures the run that fills it.
	Again string `json:"again,omitempty"`
	// DeleteMissing lets that run look for what the corpus does not hold.
	DeleteMissing bool `json:"delete_missing,omitempty"`

	Hybrid bool `json:"hybrid,omitempty"` // words are indexed too
	// ChunkTokens cuts the documents; 0 leaves each in one chunk.
	ChunkTokens int `json:"chunk_tokens,omitempty"`

	Payload string `json:"payload,omitempty"` // "" is title and year

	plain  bool // has a plain program to compare with
	bare   bool // has a bare client to compare with
	chosen bool // belongs to the standard set
	times  int  // as many documents as are asked for; 0 is once
}

// scenarios lists all there are. The sizes are those of sentence transformers
// of the small kind and of vecload's defaults.
func scenarios() []scenario {
	with := func(name, protocol, index string, change func(*scenario)) scenario {
		s := scenario{
			Name: name, Protocol: protocol, Index: index, Dim: 384, Batch: 32, InFlight: 8,
			Corpus: corpus{Words: 100, Format: "jsonl"}, chosen: true, plain: index == "qdrant", bare: index == "qdrant",
		}
		if protocol == "builtin" {
			s.Dim, s.plain, s.bare = 0, false, false // the model has its own
		}
		if change != nil {
			change(&s)
		}
		return s
	}
	again := func(command string, change func(*scenario)) func(*scenario) {
		return func(s *scenario) {
			s.Again, s.plain, s.bare, s.chosen = command, false, false, change == nil && command == "run"
			if change != nil {
				change(s)
			}
		}
	}
	changed := func(s *scenario) { s.Corpus.Changed = 100 }
	missing := func(s *scenario) { s.DeleteMissing = true }
	extra := func(s *scenario) { s.chosen = false }
	return []scenario{
		with("builtin-sqlite", "builtin", "sqlite", nil),
		with("json-qdrant", "huggingface", "qdrant", nil),
		with("base64-qdrant", "openai", "qdrant", nil),
		with("latency", "huggingface", "qdrant", func(s *scenario) {
			// Some twenty seconds, beside which the start of a process is nothing.
			s.Latency, s.InFlight, s.times, s.plain = 50*time.Millisecond, 16, 2, false
		}),
		with("builtin-qdrant", "builtin", "qdrant", extra),
		with("json-sqlite", "huggingface", "sqlite", extra),
		with("builtin-sqlite-hybrid", "builtin", "sqlite", func(s *scenario) { s.Hybrid, s.chosen = true, false }),
		with("base64-qdrant-hybrid", "openai", "qdrant", func(s *scenario) { s.Hybrid, s.chosen, s.plain, s.bare = true, false, false, false }),
		with("tei-qdrant", "tei", "qdrant", extra),
		with("short", "huggingface", "qdrant", func(s *scenario) { s.Corpus.Words, s.chosen = shortWords, false }),
		with("long", "huggingface", "qdrant", func(s *scenario) { s.Corpus.Words, s.chosen = 1000, false }),
		with("gzip", "huggingface", "qdrant", func(s *scenario) { s.Corpus.Format, s.chosen, s.plain, s.bare = "jsonl.gz", false, false, false }),
		with("parquet", "huggingface", "qdrant", func(s *scenario) { s.Corpus.Format, s.chosen, s.plain, s.bare = "parquet", false, false, false }),
		with("limits", "huggingface", "qdrant", func(s *scenario) { s.Limit, s.MaxBatch, s.chosen, s.plain, s.bare = 6, 24, false, false, false }),
		with("refresh-qdrant", "huggingface", "qdrant", again("run", nil)),
		with("refresh-sqlite", "huggingface", "sqlite", again("run", nil)),
		with("changed-qdrant", "huggingface", "qdrant", again("run", changed)),
		with("changed-sqlite", "huggingface", "sqlite", again("run", changed)),
		with("missing-qdrant", "huggingface", "qdrant", again("run", missing)),
		with("missing-sqlite", "huggingface", "sqlite", again("run", missing)),
		with("plan-qdrant", "huggingface", "qdrant", again("plan", nil)),
		with("plan-sqlite", "huggingface", "sqlite", again("plan", nil)),
		with("verify-qdrant", "huggingface", "qdrant", again("verify", nil)),
		with("verify-sqlite", "huggingface", "sqlite", again("verify", nil)),
	}
}

// shortWords make a short document: a title, a question.
const shortWords = 12

func (s scenario) vecloadArgs(file string, to servers, work string) []string {
	command := "run"
	if s.Again != "" {
		command = s.Again
	}
	args := []string{
		command, file, "--id", "id", "--text", "text", "--payload", cmp.Or(s.Payload, "title,year"), "--json", "--quiet",
		"--batch", strconv.Itoa(s.Batch), "--in-flight", strconv.Itoa(s.InFlight),
	}
	switch command {
	case "run":
		args = append(args, "--rejects", filepath.Join(work, "rejects.jsonl"))
	case "verify":
		// The endpoint's vectors do not belong to the texts, so that comparing
		// them is no use.
		args = append(args, "--sample", "0")
	}
	if s.DeleteMissing {
		args = append(args, "--delete-missing")
	}
	if s.ChunkTokens > 0 {
		args = append(args, "--chunk-tokens", strconv.Itoa(s.ChunkTokens))
	}
	if s.Hybrid {
		args = append(args, "--hybrid")
	}
	switch s.Protocol {
	case "huggingface", "tei":
		args = append(args, "--model", model, "--"+s.Protocol, to.endpoint.url)
	case "openai":
		args = append(args, "--model", model, "--openai", to.endpoint.url+"/v1")
	}
	if s.Index == "qdrant" {
		return append(args, "--qdrant", to.qdrant.url, "--collection", collection)
	}
	return append(args, "--sqlite", filepath.Join(work, "index.db"))
}

// collection is what is written to in Qdrant.
const collection = "bench"

// model is the one that has 384 dimensions everywhere.
const model = "sentence-transformers/all-MiniLM-L6-v2"
