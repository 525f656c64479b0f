package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/bm25"
)

// hybridFlag has a run find words too; search has a flag of its own.
func hybridFlag() cli.Flag {
	return &cli.BoolFlag{Name: "hybrid", Category: "Index", Usage: "index the words of texts too, for search --hybrid (English; index.hybrid in the configuration says more)"}
}

// applyHybridFlag lets the flag of a run override the file. That of a search
// says nothing of the configuration.
func applyHybridFlag(c *cli.Context, config *configs.Config) {
	if c.Command.Name == "search" || !c.IsSet("hybrid") {
		return
	}
	config.FromFlag("index.hybrid", "--hybrid")
	switch {
	case !c.Bool("hybrid"):
		config.Index.Hybrid = nil
	case config.Index.Hybrid == nil:
		hybrid := configs.DefaultHybrid()
		config.Index.Hybrid = &hybrid
	}
}

// words makes what finds the words of the lane's texts; nil where nothing
// does.
func (l lane) words() (words *bm25.Model, err error) {
	if h := l.Hybrid; h != nil {
		words, err = bm25.New(bm25.Options{
			K1: h.K1, B: h.B, AvgLen: h.AvgLen, Language: h.Language, StopWords: h.StopWords, Plain: !h.Identifiers,
		})
	}
	if err != nil {
		return nil, &pipeline.Error{Op: "index.hybrid", Class: pipeline.Misconfigured, Hint: "see docs/hybrid.md for what it takes", Err: err}
	}
	return words, nil
}

// sameWords refuses an index whose words are found in another way than the
// configuration says, or are not.
func (a assembly) sameWords(spaces pipeline.Spaces) error {
	for _, l := range a.lanes() {
		words, err := l.words()
		if err != nil {
			return err
		}
		settings := ""
		if words != nil {
			settings = words.Settings()
		}
		if made := spaces[l.Vector].Sparse; made != settings {
			return a.misaimed(fmt.Sprintf("the index was made with other words: hybrid %q is not %q", made, settings),
				"give --hybrid, or index.hybrid in the configuration, as the run did that made it")
		}
	}
	return nil
}

// wordsIn returns what finds words in the space of an index. Without the
// configuration of the run its settings tell, unless it had stop words of its
// own.
func (l lane) wordsIn(space pipeline.Space) (*bm25.Model, error) {
	if space.Sparse == "" {
		return nil, l.misaimed(fmt.Sprintf("the index was made without what finds words, for its vector %q", l.Vector),
			"search without --hybrid, or index the corpus again into another index, with index.hybrid in the configuration or --hybrid")
	}
	words, err := l.words()
	if err != nil {
		return nil, err
	}
	if words != nil && words.Settings() == space.Sparse {
		return words, nil
	}
	words, err = bm25.FromSettings(space.Sparse)
	switch {
	case errors.Is(err, bm25.ErrStopWords):
		return nil, l.misaimed("the index was made with stop words of its own", "search with the configuration of the run: -c FILE")
	case err != nil:
		return nil, l.misaimed(fmt.Sprintf("this vecload cannot find words as the index does: %v", err), "use the vecload that made the index, or index the corpus again")
	}
	return words, nil
}
