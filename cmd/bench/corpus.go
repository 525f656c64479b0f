package main

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// corpus names a generated corpus: the same numbers give the same bytes, on
// any machine.
type corpus struct {
	Documents int    `json:"documents"`
	Words     int    `json:"words"`  // in the text of a document, about
	Format    string `json:"format"` // jsonl, jsonl.gz or parquet
	// Changed gives every so-manyth document another content than it has
	// otherwise; 0 leaves all as they are.
	Changed int `json:"changed,omitempty"`
	// Columns is how many columns of textColumnWords words each a Parquet file has
	// beside the others.
	Columns int `json:"columns,omitempty"`
	// OneGroup puts all rows of a Parquet file into one row group.
	OneGroup bool `json:"one_group,omitempty"`
}

// document is one record of a corpus.
type document struct {
	number          int // from 0
	id, title, text string
	year            int
}

func (c corpus) file(folder string) string {
	name := fmt.Sprintf("corpus-%d-of-%d-words", c.Documents, c.Words)
	if c.Changed > 0 {
		name += fmt.Sprintf("-every-%d-changed", c.Changed)
	}
	if c.Columns > 0 {
		name += fmt.Sprintf("-and-%d-columns", c.Columns)
	}
	if c.OneGroup {
		name += "-in-one-group"
	}
	return filepath.Join(folder, name+"."+c.Format)
}

// ensure writes the corpus into folder unless it is there, and returns its
// file.
func (c corpus) ensure(folder string) (name string, err error) {
	name = c.file(folder)
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	f, err := os.CreateTemp(folder, "corpus-*.part")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, removeUnless(err == nil, f.Name())) }()
	if err := errors.Join(c.write(f), f.Close()); err != nil {
		return "", fmt.Errorf("write a corpus: %w", err)
	}
	return name, os.Rename(f.Name(), name)
}

func removeUnless(done bool, name string) error {
	if done {
		return nil
	}
	return os.Remove(name)
}

// write streams the corpus: it holds one document at a time, or one row group.
func (c corpus) write(to io.Writer) error {
	buffered := bufio.NewWriterSize(to, 1<<20)
	var err error
	switch c.Format {
	case "jsonl":
		err = c.writeLines(buffered)
	case "jsonl.gz":
		packed := gzip.NewWriter(buffered)
		err = errors.Join(c.writeLines(packed), packed.Close())
	case "parquet":
		err = c.writeParquet(buffered)
	default:
		err = fmt.Errorf("unknown format %q: jsonl, jsonl.gz or parquet", c.Format)
	}
	return errors.Join(err, buffered.Flush())
}

func (c corpus) writeLines(to io.Writer) error {
	var line []byte
	for d := range c.documents() {
		line = append(line[:0], `{"id":"`...)
		line = append(line, d.id...)
		line = append(line, `","title":"`...)
		line = append(line, d.title...)
		line = append(line, `","year":`...)
		line = strconv.AppendInt(line, int64(d.year), 10)
		line = append(line, `,"text":"`...)
		line = append(line, d.text...)
		line = append(line, "\"}\n"...)
		if _, err := to.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// documents yields the corpus in order.
func (c corpus) documents() iter.Seq[document] {
	return func(yield func(document) bool) {
		words := strings.Fields(vocabulary)
		for n := range c.Documents {
			if !yield(c.document(n, words)) {
				return
			}
		}
	}
}

// changed returns how many of the documents have another content.
func (c corpus) changed() int {
	if c.Changed == 0 {
		return 0
	}
	return c.Documents / c.Changed
}

// document makes the n-th document, which depends on nothing but n, the
// number of words in it, and whether it is one that changed. Its strings need
// no escapes in JSON.
func (c corpus) document(n int, words []string) document {
	seed := uint64(c.Words) //nolint:gosec // not below 0
	if c.Changed > 0 && n%c.Changed == c.Changed-1 {
		seed = ^seed
	}
	random := rand.New(rand.NewPCG(uint64(n), seed)) //nolint:gosec // nothing is secured by it
	// The square makes a few words frequent, as in any language.
	word := func() string {
		place := random.Float64()
		return words[int(place*place*float64(len(words)))]
	}
	var text strings.Builder
	text.Grow(8 * c.Words)
	for i := range c.Words {
		switch {
		case i == 0:
		case i%12 == 0:
			text.WriteString(". ")
		default:
			text.WriteByte(' ')
		}
		text.WriteString(word())
	}
	text.WriteByte('.')
	return document{
		number: n,
		id:     fmt.Sprintf("doc-%09d", n),
		title:  word() + " " + word() + " " + word(),
		text:   text.String(),
		year:   1950 + random.IntN(76),
	}
}

// vocabulary has the frequent words first.
const vocabulary = `the of and to a in is that for it as was with be by on not he his but at are this have from or had
an they which one you were all her she there would their we him been has when who will no more if out so up said what its
about than into them can only other time new some could these two may first then do any like my now over such our man me
even most made after also well must years through before much where your way down should because long each just state
those people too little good world make very year still see own work men day get here between both life being under never
know same last another while us off might great go come since against right came take used himself few house use place
during high without again home around small however found part school once general say upon every left got united number
does until water less public put something fact hand far almost enough government course system better told set tomorrow
memory transport vector payload network analysis harbour physiology embedding latency mountain parliament chromosome
turbine philharmonic aqueduct synthesis benchmark neighbourhood refrigerator photosynthesis jurisprudence thermodynamic
archipelago manuscript orchestra bankruptcy vaccination constellation semiconductor biodiversity encyclopedia lighthouse`
