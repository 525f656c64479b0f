package main

import (
	"fmt"
	"strings"
)

// combination is one way to run vecload.
type combination struct {
	format  string // jsonl or parquet
	index   string // sqlite or qdrant
	publish string // in_place or alias
}

// combinations returns all of them.
func combinations() []combination {
	var all []combination
	for _, index := range []string{"sqlite", "qdrant"} {
		for _, publish := range []string{"in_place", "alias"} {
			for _, format := range []string{"jsonl", "parquet"} {
				all = append(all, combination{format, index, publish})
			}
		}
	}
	return all
}

func (c combination) String() string {
	return c.format + "-" + c.index + "-" + strings.ReplaceAll(c.publish, "_", "-")
}

// byAlias reports whether readers never see an index that is not whole.
func (c combination) byAlias() bool { return c.publish == "alias" }

// hybrid reports whether words are indexed too: half of the combinations do.
func (c combination) hybrid() bool { return c.format == "parquet" }

// parse returns the combinations whose names contain what is asked for.
func matching(part string) ([]combination, error) {
	var some []combination
	for _, c := range combinations() {
		if strings.Contains(c.String(), part) {
			some = append(some, c)
		}
	}
	if len(some) == 0 {
		return nil, fmt.Errorf("no combination has %q in its name: %v", part, combinations())
	}
	return some, nil
}

const (
	batchTexts   = 8
	inFlight     = 4
	waiting      = 8 * inFlight // batches with vectors that wait for a writer, see cmd/vecload/load.go
	sqliteWrites = 2048         // points that one write gathers, see cmd/vecload/assemble.go
	qdrantWrites = 3 * 256      // as above, by three writers
)

// atMost is how many texts a kill may have embedded in vain: those of the
// requests that are in flight, of the batches that wait for a writer, and of
// the writes that are under way.
func (c combination) atMost() int {
	writes := sqliteWrites + batchTexts
	if c.index == "qdrant" {
		writes = qdrantWrites + 3*batchTexts
	}
	return batchTexts*(inFlight+waiting) + writes
}

// config is the configuration of a run.
func (c combination) config(corpus, endpoint, index string) string {
	lines := []string{
		fmt.Sprintf("source: {path: %q, id: id, text: body, payload: [title, edition, n]}", corpus),
		"chunk: {by: sentence, max_tokens: 32, overlap: 0}",
		fmt.Sprintf("embed: {model: org/name, endpoints: [{tei: {url: %q}}], batch: {texts: %d}, in_flight: %d}", endpoint, batchTexts, inFlight),
		"index:",
		"  " + index,
		"  publish: " + c.publish,
		"  delete_missing: true",
		"  max_delete_share: 50%",
	}
	if c.hybrid() {
		lines = append(lines, "  hybrid: {}")
	}
	return strings.Join(append(lines, "rejects: rejects.jsonl", ""), "\n")
}
