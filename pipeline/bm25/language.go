package bm25

import (
	_ "embed" // the list of stop words

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	stemenglish "github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/tamil"
	"github.com/blevesearch/snowballstem/turkish"
)

// english are the stop words of Qdrant/bm25 for English, which are those of
// NLTK, less the ones with an apostrophe: no word holds one.
//
//go:embed english.txt
var english string

// Languages lists the languages that have a stemmer, sorted: those of
// FastEmbed, less Greek.
func Languages() []string {
	return []string{
		"arabic", "danish", "dutch", "english", "finnish", "french", "german",
		"hungarian", "italian", "norwegian", "portuguese", "romanian",
		"russian", "spanish", "swedish", "tamil", "turkish",
	}
}

// stemmer returns that of a language, nil where there is none. They are made
// from the rules of Snowball 2, which the stemmers of FastEmbed and Qdrant
// are made from too. A later Snowball stems other words in other ways, so one
// does not replace them without a new version.
func stemmer(language string) func(*snowballstem.Env) bool {
	switch language {
	case "arabic":
		return arabic.Stem
	case "danish":
		return danish.Stem
	case "dutch":
		return dutch.Stem
	case "english":
		return stemenglish.Stem
	case "finnish":
		return finnish.Stem
	case "french":
		return french.Stem
	case "german":
		return german.Stem
	case "hungarian":
		return hungarian.Stem
	case "italian":
		return italian.Stem
	case "norwegian":
		return norwegian.Stem
	case "portuguese":
		return portuguese.Stem
	case "romanian":
		return romanian.Stem
	case "russian":
		return russian.Stem
	case "spanish":
		return spanish.Stem
	case "swedish":
		return swedish.Stem
	case "tamil":
		return tamil.Stem
	case "turkish":
		return turkish.Stem
	}
	return nil
}
