package sources

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/vecload/vecload/pipeline"
)

const (
	// guessRecords is how many records a guess is based on.
	guessRecords = 100
	// guessBytes bounds what they are read from, where reading counts bytes.
	guessBytes = 16 << 20
)

// textNames are the names of a text field, the likeliest first.
func textNames() []string {
	return []string{
		"text", "content", "contents", "body", "document", "passage", "doc", "page_content", "article",
		"abstract", "description", "summary", "chunk", "paragraph", "sentence", "message", "comment", "review", "question", "title",
	}
}

// idNames are the names of an id field, the likeliest first. Names that may
// also be those of a group, such as key or url, are not among them.
func idNames() []string {
	return []string{"id", "_id", "doc_id", "docid", "document_id", "uuid", "guid"}
}

// Guessed is the mapping of a run that was told none.
type Guessed struct {
	Mapping Mapping
	// Why says in a sentence or two what was chosen and for what reason.
	Why string
}

// Guess fills in what a mapping leaves open, by the first records of the
// input's files: the text is the field with the likeliest name among those
// that hold strings, or the one with the longest strings on average; there is
// none where an image is named and no text, since it is not missed; the id is
// the field with the likeliest name that every record has as a string or an
// integer, or none; the payload is all fields. Parts that known has are kept.
//
// Whether ids repeat is not looked at: the choice would change with the order
// of the records, and with it the id of every point. The run rejects what
// repeats.
//
// Of standard input it waits for the first record, and for a hundred only
// while they come within seconds. What it reads of it is read again by the
// corpus. Where no field can be the text, the error is of class Misconfigured
// and names the fields.
func Guess(ctx context.Context, input Input, known Mapping) (Guessed, error) {
	guess := Guessed{Mapping: known}
	if len(known.Payload) == 0 {
		guess.Mapping.Payload = []string{"*"}
	}
	text := "The text is " + known.Text + ", as given"
	switch {
	case known.Text != "" && known.ID != "":
		guess.Why = fmt.Sprintf("The text is %s and the id is %s, as given.", known.Text, known.ID)
		return guess, nil
	case known.Text == "" && known.Image != "" && known.ID != "":
		guess.Why = fmt.Sprintf("The image is %s and the id is %s, as given; there is no text.", known.Image, known.ID)
		return guess, nil
	case known.Text == "" && known.Image != "":
		text = "The image is " + known.Image + ", as given; there is no text"
	}
	image, err := known.parseImage()
	if err != nil {
		return Guessed{}, misconfigured("mapping", fmt.Errorf("image: %w", err), "")
	}
	survey, err := look(ctx, input, image)
	if err != nil {
		return Guessed{}, err
	}
	if known.Text == "" && known.Image == "" {
		name, why := survey.text()
		if name == "" {
			return Guessed{}, survey.noText(input)
		}
		guess.Mapping.Text = Path{name}.String()
		text = fmt.Sprintf("The text is field %q, %s", name, why)
	}
	id := "the id is " + known.ID + ", as given."
	if known.ID == "" {
		id = "no field can be the id, which is then the hash of the text."
		if known.Image != "" {
			id = "no field can be the id, which is then the hash of text and image."
		}
		if name := survey.id(guess.Mapping.Text, known.Image); name != "" {
			guess.Mapping.ID = Path{name}.String()
			id = fmt.Sprintf("the id is field %q.", name)
		}
	}
	guess.Why = text + "; " + id
	if survey.early {
		guess.Why += " Told by the first " + count(survey.records, "record") + ", after which no more came at once."
	}
	return guess, nil
}

// survey is what the first records have at their top.
type survey struct {
	records int
	fields  []*surveyed // in the order they were met
	reject  error       // the first record that could not be read
	early   bool        // it ended since no more came for a while
}

type surveyed struct {
	name    string
	records int // that have it, null not counted
	strings int
	bytes   int // of the strings
	ids     int // values that can be an id
}

// look reads the first records of the files: as many as a guess is based on,
// or as many as come without much waiting.
func look(ctx context.Context, input Input, image Path) (*survey, error) {
	s := &survey{}
	want := &Want{All: true, Bytes: image}
	var done atomic.Int64
	var patience patience
	for _, name := range input.Files {
		err := input.open(ctx, name, want, openOptions{done: &done, look: &patience}, func(r Reader) error {
			record := &Record{}
			for tries := 0; s.records < guessRecords && tries < 10*guessRecords && done.Load() < guessBytes; tries++ {
				record.Reset(want)
				err := r.Next(ctx, record)
				switch {
				case errors.Is(err, io.EOF):
					return nil
				case ctx.Err() != nil:
					return context.Cause(ctx)
				case err == nil:
					s.add(record.Fields)
					patience.met()
				case pipeline.Classify(err) != pipeline.Rejected:
					return err
				case s.reject == nil:
					s.reject = err
				}
			}
			return nil
		})
		if ctx.Err() == nil && patience.over {
			s.early = true
			break // whatever the format made of it
		}
		if err != nil {
			return nil, err
		}
		if s.records >= guessRecords || done.Load() >= guessBytes {
			break
		}
	}
	return s, nil
}

func (s *survey) add(fields []pipeline.Field) {
	s.records++
	for _, f := range fields {
		i := slices.IndexFunc(s.fields, func(x *surveyed) bool { return x.name == f.Name })
		if i < 0 {
			i = len(s.fields)
			s.fields = append(s.fields, &surveyed{name: f.Name})
		}
		s.fields[i].add(f.Value)
	}
}

func (f *surveyed) add(v pipeline.Value) {
	if v.IsNull() {
		return
	}
	f.records++
	if v.Kind() == pipeline.KindString && v.Str() != "" {
		f.strings++
		f.bytes += len(v.Str())
	}
	if _, err := idOf(v, f.name); err == nil {
		f.ids++
	}
}

// text chooses the text field, and says why.
func (s *survey) text() (name, why string) {
	for _, want := range textNames() {
		for _, f := range s.fields {
			if strings.EqualFold(f.name, want) && f.strings > 0 && 2*f.strings >= f.records {
				return f.name, "by its name"
			}
		}
	}
	var best *surveyed
	for _, f := range s.fields {
		// Half of the records at least, so that a rare long field is not taken.
		if 2*f.strings >= s.records && f.strings > 0 && (best == nil || f.bytes*best.strings > best.bytes*f.strings) {
			best = f
		}
	}
	if best == nil {
		return "", ""
	}
	return best.name, fmt.Sprintf("the longest text of the first %s", count(s.records, "record"))
}

func count(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// id chooses the id field, "" for none. Neither text nor image is the id.
func (s *survey) id(text, image string) string {
	for _, want := range idNames() {
		for _, f := range s.fields {
			if strings.EqualFold(f.name, want) && f.ids == s.records && s.records > 0 {
				if path := (Path{f.name}).String(); path != text && path != image {
					return f.name
				}
			}
		}
	}
	return ""
}

// noText says why no text field was found, and what to do.
func (s *survey) noText(input Input) error {
	op := "source"
	if len(input.Files) > 0 {
		op = input.Files[0]
	}
	switch {
	case s.records == 0 && s.reject != nil:
		return misconfigured(op, fmt.Errorf("no record could be read that would tell which field is the text; the first: %w", s.reject),
			"write one JSON object on each line")
	case s.records == 0:
		return misconfigured(op, errors.New("no record was found that could tell which field is the text"),
			"name the text field with --text FIELD, if there are records at all")
	}
	const most = 20
	var names []string
	for _, f := range s.fields {
		names = append(names, f.name)
	}
	if len(names) > most {
		names = append(names[:most], "…")
	}
	return misconfigured(op, fmt.Errorf("no field holds texts; fields: %s", strings.Join(names, ", ")),
		`name the text field with --text FIELD, or a template: --text "{{.title}} {{.body}}"`)
}
