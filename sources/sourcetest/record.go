package sourcetest

import (
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
)

// Record is what the suite asks a source to hold.
type Record struct {
	ID     string
	Text   string // "" makes a record without a text, which is a reject
	Number int64
	Score  float64
	Flag   bool
	Tags   []string
	Author string
	Year   int64
}

// Mapping is the mapping by which records become documents.
func Mapping() sources.Mapping {
	return sources.Mapping{
		ID:      "id",
		Text:    "text",
		Payload: []string{"number", "score", "flag", "tags", "meta", "meta.author", "absent"},
	}
}

// Fields are the record's fields, as a file of any format holds them.
func (r Record) Fields() []pipeline.Field {
	text := pipeline.String(r.Text)
	if r.Text == "" {
		text = pipeline.Null()
	}
	return append([]pipeline.Field{
		{Name: "id", Value: pipeline.String(r.ID)},
		{Name: "text", Value: text},
	}, r.own()...)
}

func (r Record) own() []pipeline.Field {
	tags := make([]pipeline.Value, len(r.Tags))
	for i, tag := range r.Tags {
		tags[i] = pipeline.String(tag)
	}
	return []pipeline.Field{
		{Name: "number", Value: pipeline.Int(r.Number)},
		{Name: "score", Value: pipeline.Float(r.Score)},
		{Name: "flag", Value: pipeline.Bool(r.Flag)},
		{Name: "tags", Value: pipeline.List(tags)},
		{Name: "meta", Value: pipeline.Object([]pipeline.Field{
			{Name: "author", Value: pipeline.String(r.Author)},
			{Name: "year", Value: pipeline.Int(r.Year)},
		})},
	}
}

// JSON gives the record as one line of JSON without its end.
func (r Record) JSON() []byte { return pipeline.AppendJSONFields(nil, r.Fields()) }

// Document is the document that the record becomes by [Mapping], without its
// origin.
func (r Record) Document() pipeline.Document {
	return pipeline.Document{
		ID:      r.ID,
		Text:    r.Text,
		Payload: append(r.own(), pipeline.Field{Name: "meta.author", Value: pipeline.String(r.Author)}),
	}
}
