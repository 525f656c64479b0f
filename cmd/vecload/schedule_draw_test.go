package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/vecload/vecload/pipeline"
)

// ailment is what is wrong with a server, or an index, for a while.
type ailment string

const (
	isWell       ailment = ""
	isFailing    ailment = "failing"     // errors of a class
	isHanging    ailment = "hanging"     // no answer within the time-out
	isShort      ailment = "short"       // one vector too few
	isLong       ailment = "long"        // one vector too many
	isOtherModel ailment = "other model" // vectors of another dimension
	isNaN        ailment = "NaN"         // no vector is finite
	isNarrow     ailment = "narrow"      // refuses calls with more than two texts
	isRefusing   ailment = "refusing"    // refuses everything as too large
	isTorn       ailment = "torn"        // an index: does half of it, and fails
)

// spell is an ailment and its time.
type spell struct {
	lasts time.Duration
	what  ailment
	class pipeline.Class
	after time.Duration // that is asked for
	every int           // each call of so many is hit
	slow  time.Duration // until there is an answer, at most
}

// record is what a corpus yields at one place.
type record struct {
	doc   pipeline.Document
	err   error
	delay time.Duration
}

// life is one run and what ends it early; negative times never come.
type life struct {
	corpus     []record
	stop, kill time.Duration
	pause      time.Duration // before it
}

// laneDrawn is one vector.
type laneDrawn struct {
	image     bool
	texts     int // in a batch
	bytes     int
	inFlight  int
	maxTexts  int // that the servers take
	tellsMost bool
	endpoints [][]spell
}

// drawn is everything that may happen to an index in its life.
type drawn struct {
	lanes         []laneDrawn
	lives         []life
	index         []spell
	prefix        string
	chunks        int // tokens of a chunk; 0: none
	writers       int
	points        int
	waiting       int
	keepText      bool
	deleteMissing bool
}

// Words that a server refuses, each in its way, and alone the third.
const (
	poison       = "poison" // the whole call, as invalid
	uncomputable = "never"  // this text of it
	huge         = "huge"   // the whole call, as too large
	broken       = "broken" // of an image: it cannot be read
)

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func drawSpell(forIndex bool) *rapid.Generator[spell] {
	ailments := []ailment{
		isWell, isWell, isFailing, isFailing, isFailing, isFailing, isHanging, isShort, isLong, isOtherModel, isNarrow,
	}
	classes := []pipeline.Class{
		pipeline.Transient, pipeline.Transient, pipeline.Throttled, pipeline.Throttled, pipeline.Warming, pipeline.NotServed,
		pipeline.Denied, pipeline.Misconfigured, pipeline.Fatal,
	}
	if forIndex {
		ailments = []ailment{isWell, isWell, isFailing, isHanging, isTorn}
		classes = []pipeline.Class{pipeline.Transient, pipeline.Fatal, pipeline.Denied, pipeline.Misconfigured}
	}
	return rapid.Custom(func(t *rapid.T) spell {
		return spell{
			lasts: seconds(rapid.SampledFrom([]int{1, 3, 10, 30, 60, 200, 400}).Draw(t, "lasts")),
			what:  rapid.SampledFrom(ailments).Draw(t, "ailment"),
			class: rapid.SampledFrom(classes).Draw(t, "class"),
			after: seconds(rapid.SampledFrom([]int{0, 0, 1, 7, 60, 400}).Draw(t, "after")),
			every: rapid.SampledFrom([]int{1, 1, 1, 2, 5}).Draw(t, "every"),
			slow:  rapid.SampledFrom([]time.Duration{0, 20 * time.Millisecond, time.Second, 12 * time.Second}).Draw(t, "slow"),
		}
	})
}

// drawSpells gives a server at most one spell in which it refuses what it would
// take otherwise: nobody can tell a server that refuses a text, takes another
// and refuses the first again from a text that is refused.
func drawSpells(t *rapid.T, label string, forIndex bool) []spell {
	spells := rapid.SliceOfN(drawSpell(forIndex), 1, 4).Draw(t, label)
	if !forIndex && rapid.IntRange(0, 5).Draw(t, label+" refuses") == 0 {
		at := rapid.IntRange(0, len(spells)-1).Draw(t, label+" refuses at")
		spells[at].what = rapid.SampledFrom([]ailment{isNaN, isRefusing}).Draw(t, label+" refuses how")
		spells[at].every = 1
	}
	return spells
}

func drawRecord(t *rapid.T, images bool) record {
	var r record
	r.delay = rapid.SampledFrom([]time.Duration{0, 0, 0, 100 * time.Millisecond, 3 * time.Second}).Draw(t, "delay")
	word := rapid.SampledFrom([]string{
		"red", "green", "blue", "grey", "a longer one of several words", "red", "green", "blue", "grey", "white", poison, uncomputable, huge,
	})
	var sentences []string
	for range rapid.SampledFrom([]int{0, 1, 1, 1, 1, 2, 5}).Draw(t, "sentences") {
		sentences = append(sentences, fmt.Sprintf("Say %s %d.", word.Draw(t, "word"), rapid.IntRange(0, 30).Draw(t, "number")))
	}
	r.doc.Text = strings.Join(sentences, " ")
	if images && rapid.Bool().Draw(t, "has an image") {
		what := rapid.SampledFrom([]string{"a picture", "a picture", "a picture", "a picture", poison, broken}).Draw(t, "image")
		r.doc.Image.Data = fmt.Sprint(what, rapid.IntRange(0, 9).Draw(t, "number of the image"))
	}
	r.doc.Payload = []pipeline.Field{{Name: "n", Value: pipeline.Int(int64(rapid.IntRange(0, 2).Draw(t, "payload")))}}
	return r
}

// errRecord and errSource are of a record, and of a source that goes no further.
func errRecord() error {
	return &pipeline.Error{Class: pipeline.Rejected, Err: fmt.Errorf("no JSON")}
}

func errSource() error {
	return &injected{class: pipeline.Fatal, what: "the source broke off"}
}

// drawCorpus draws a corpus, of the one before where there was one.
func drawCorpus(t *rapid.T, before []record, images bool) []record {
	var records []record
	for _, r := range before {
		if r.err != nil && pipeline.Classify(r.err) != pipeline.Rejected {
			continue
		}
		switch rapid.IntRange(0, 9).Draw(t, "what became of it") {
		case 0: // it is gone
			continue
		case 1:
			id := r.doc.ID
			r = drawRecord(t, images)
			r.doc.ID = id
		case 2:
			r.doc.Payload = []pipeline.Field{{Name: "n", Value: pipeline.Int(7)}}
		}
		records = append(records, r)
	}
	for range rapid.IntRange(1, 12).Draw(t, "new documents") {
		r := drawRecord(t, images)
		r.doc.ID = fmt.Sprint("d", rapid.IntRange(0, 40).Draw(t, "id"))
		if rapid.IntRange(0, 9).Draw(t, "is wrong") == 0 {
			r.err = errRecord()
			if rapid.Bool().Draw(t, "has no id") {
				r.doc.ID = ""
			}
		}
		records = append(records, r)
	}
	records = slices.Clone(records)
	for i := range records {
		records[i].doc.Origin = pipeline.Origin{File: "corpus.jsonl", Row: int64(i + 1)}
	}
	return records
}

func rarely(t *rapid.T, label string, most int) time.Duration {
	if rapid.IntRange(0, 2).Draw(t, label+" comes") > 0 {
		return -1
	}
	return time.Duration(rapid.IntRange(0, most*10).Draw(t, label)) * 100 * time.Millisecond
}

func drawLane(t *rapid.T, image bool) laneDrawn {
	l := laneDrawn{
		image:     image,
		texts:     rapid.IntRange(1, 6).Draw(t, "texts in a batch"),
		bytes:     rapid.SampledFrom([]int{1000, 40}).Draw(t, "bytes in a batch"),
		inFlight:  rapid.IntRange(1, 4).Draw(t, "in flight"),
		maxTexts:  rapid.SampledFrom([]int{0, 0, 1, 2, 5}).Draw(t, "texts that servers take"),
		tellsMost: rapid.Bool().Draw(t, "servers tell it"),
	}
	for i := range rapid.IntRange(1, 2).Draw(t, "endpoints") {
		l.endpoints = append(l.endpoints, drawSpells(t, fmt.Sprint("endpoint ", i), false))
	}
	return l
}

func schedules() *rapid.Generator[drawn] {
	return rapid.Custom(func(t *rapid.T) drawn {
		d := drawn{
			index:         drawSpells(t, "index", true),
			prefix:        rapid.SampledFrom([]string{"", "passage: "}).Draw(t, "prefix"),
			chunks:        rapid.SampledFrom([]int{0, 8, 12}).Draw(t, "tokens of a chunk"),
			writers:       rapid.IntRange(1, 3).Draw(t, "writers"),
			points:        rapid.IntRange(0, 12).Draw(t, "points in a write"),
			waiting:       rapid.IntRange(0, 4).Draw(t, "waiting batches"),
			keepText:      rapid.Bool().Draw(t, "keeps texts"),
			deleteMissing: rapid.Bool().Draw(t, "deletes what is missing"),
		}
		if rapid.Bool().Draw(t, "index is well") {
			d.index = []spell{{slow: 10 * time.Millisecond}}
		}
		images := rapid.IntRange(0, 3).Draw(t, "has images") == 0
		d.lanes = append(d.lanes, drawLane(t, false))
		if images {
			d.lanes = append(d.lanes, drawLane(t, true))
		}
		var before []record
		for range rapid.IntRange(1, 3).Draw(t, "runs") {
			one := life{
				corpus: drawCorpus(t, before, images),
				stop:   rarely(t, "stop", 90), kill: rarely(t, "kill", 120),
				pause: seconds(rapid.SampledFrom([]int{0, 5, 100}).Draw(t, "pause")),
			}
			if at := rapid.IntRange(0, 4*len(one.corpus)).Draw(t, "the source breaks off"); at < len(one.corpus) {
				one.corpus[at].err = errSource()
			}
			before = one.corpus
			d.lives = append(d.lives, one)
		}
		return d
	})
}
