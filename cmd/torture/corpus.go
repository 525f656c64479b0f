package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// document is one record of a corpus.
type document struct {
	id, title, edition, body string
	n                        int
}

// The editions of a corpus: of yesterday, and of today.
const (
	yesterday = "yesterday"
	today     = "today"
)

// refusedWord is what the endpoint refuses for good.
const refusedWord = "unspeakable"

// corpusOf makes the documents of an edition, some of them of several chunks.
// Of today's, against yesterday's, some have another text, other chunks before
// an end that stayed, more chunks or fewer, or another payload only; some are
// gone, some new, and some are rejected now. No chunk has the text of another
// one, but for copies of whole documents.
func corpusOf(size int, edition string, seed uint64) []document {
	var docs []document
	later := edition == today
	for n := range size {
		random := rand.New(rand.NewPCG(seed, uint64(n))) //nolint:gosec // nothing is secured by it
		d := document{id: "doc-" + strconv.Itoa(n), title: fmt.Sprintf("Title %d", n), edition: yesterday, n: n}
		sentences := 1 + random.IntN(2)
		if random.IntN(4) == 0 {
			sentences = 3 + random.IntN(12)
		}
		var of []string
		for i := range sentences {
			of = append(of, sentence(n, i, yesterday))
		}
		fate := random.IntN(100)
		switch {
		case fate < 2:
			of = nil // rejected: it has no text
		case fate < 3:
			of[len(of)-1] += " This is " + refusedWord + "."
		case !later:
		case fate < 11:
			d.edition, of[0] = today, sentence(n, 0, today)
		case fate < 17:
			d.edition = today
			for range 3 {
				of = append(of, sentence(n, len(of), today))
			}
		case fate < 23:
			d.edition, of = today, of[:(len(of)+1)/2]
		case fate < 27:
			d.edition = today
		case fate < 35:
			continue // gone
		case fate < 36:
			d.edition, of = today, nil // rejected now, and its points stay
		}
		d.body = strings.Join(of, " ")
		docs = append(docs, d)
		switch fate {
		case 40:
			docs = append(docs, d) // a copy
		case 41:
			docs = append(docs, document{id: d.id, title: "Another", edition: d.edition, n: n, body: sentence(n, 0, "twice")})
		}
	}
	if later {
		for n := size; n < size+size/10; n++ {
			docs = append(docs, document{
				id: "doc-" + strconv.Itoa(n), title: fmt.Sprintf("Title %d", n), edition: today, n: n,
				body: sentence(n, 0, today) + " " + sentence(n, 1, today),
			})
		}
	}
	return docs
}

// sentence has about the length of a chunk.
func sentence(doc, place int, edition string) string {
	return fmt.Sprintf("Sentence %d of document %d was written for the edition of %s and says little else worth telling.", place, doc, edition)
}
