package sources_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
)

func compile(tb testing.TB, m sources.Mapping) *sources.Mapper {
	tb.Helper()
	mapper, err := m.Compile()
	if err != nil {
		tb.Fatal(err)
	}
	return mapper
}

const book = `{"id":7,"title":"T","body":"B","n":null,"a.b":"dot","price":1.5,"year":9223372036854775807,"ok":true,` +
	`"tags":["x","y",3],"meta":{"author":"A","lang":"en","deep":{"er":1}},"empty":"","none":[]}`

func TestMappingMakesADocument(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		mapping sources.Mapping
		want    string
	}{
		{"paths", sources.Mapping{ID: "id", Text: "body", Payload: []string{"title", "meta.author", "n", "absent", `a\.b`}}, `7|B|{"title":"T","meta.author":"A","n":null,"a.b":"dot"}`},
		{"no payload", sources.Mapping{ID: "title", Text: "body"}, `T|B|{}`},
		{"hash for an id", sources.Mapping{Text: "body"}, `df7e70e5021544f4834bbee64a9e3789|B|{}`},
		{"number for a text", sources.Mapping{ID: "id", Text: "year"}, `7|9223372036854775807|{}`},
		{"fraction for a text", sources.Mapping{ID: "id", Text: "price"}, `7|1.5|{}`},
		{"nested", sources.Mapping{ID: "meta.author", Text: "meta.lang", Payload: []string{"meta", "meta.deep.er", "meta.deep"}}, `A|en|{"meta":{"author":"A","lang":"en","deep":{"er":1}},"meta.deep.er":1,"meta.deep":{"er":1}}`},
		{"same field three times", sources.Mapping{ID: "title", Text: "title", Payload: []string{"title"}}, `T|T|{"title":"T"}`},
		{"all", sources.Mapping{ID: "id", Text: "body", Payload: []string{"*"}}, `7|B|` + strings.Replace(book, `"body":"B",`, "", 1)},
		{"all but a nested text", sources.Mapping{ID: "id", Text: "meta.author", Payload: []string{"*"}}, `7|A|` + strings.Replace(book, `"author":"A",`, "", 1)},
		{"all with a template", sources.Mapping{ID: "id", Text: "{{.body}}", Payload: []string{"*"}}, `7|B|` + book},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m := compile(t, tc.mapping)
			doc, err := m.Document(record(t, m, book))
			if err != nil {
				t.Fatal(err)
			}
			if got := doc.ID + "|" + doc.Text + "|" + string(pipeline.AppendJSONFields(nil, doc.Payload)); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestMappingSaysWhatARecordLacks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		id, text, object string
		want             string
	}{
		{"id", "text", `{"text":"a"}`, "field id is missing"},
		{"id", "text", `{"id":null,"text":"a"}`, "the id in field id is null, not a string or an integer"},
		{"id", "text", `{"id":1.0,"text":"a"}`, "the id in field id is a number, not a string or an integer"},
		{"id", "text", `{"id":true,"text":"a"}`, "the id in field id is a boolean, not a string or an integer"},
		{"id", "text", `{"id":{},"text":"a"}`, "the id in field id is an object, not a string or an integer"},
		{"id", "text", `{"id":"","text":"a"}`, "the id in field id is empty"},
		{"id", "text", `{"id":"` + strings.Repeat("x", 1025) + `","text":"a"}`, "the id in field id is longer than 1024 bytes"},
		{"id", "text", `{"id":1}`, "field text is missing"},
		{"id", "text", `{"id":1,"text":null}`, "field text is null, not a text"},
		{"id", "text", `{"id":1,"text":true}`, "field text is a boolean, not a text"},
		{"id", "text", `{"id":1,"text":{}}`, "field text is an object, not a text"},
		{"id", "text", `{"id":1,"text":" \n\u00a0"}`, "the text is empty"},
		{"id", "meta.text", `{"id":1,"meta":"secret"}`, "field meta.text is missing"},
		{"meta.id", "text", `{"id":1,"text":"a"}`, "field meta.id is missing"},
		{"id", "{{.a}}{{.b}}", `{"id":1,"a":"x"}`, "field b is missing"},
		{"id", "{{.a}}{{.b}}", `{"id":1,"a":"x","b":null}`, "field b is null"},
		{"id", "{{.a}}", `{"id":1,"a":["x"]}`, "field a is a list, which does not print: join it"},
		{"", "text", `{"text":""}`, "the text is empty"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			t.Parallel()
			m := compile(t, sources.Mapping{ID: tc.id, Text: tc.text})
			doc, err := m.Document(record(t, m, tc.object))
			if err == nil || err.Error() != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
			if strings.HasPrefix(tc.object, `{"id":1,`) && tc.id == "id" && doc.ID != "1" && !strings.Contains(tc.object, `"id":1.0`) {
				t.Errorf("the reject has the id %q, want 1", doc.ID)
			}
		})
	}
}

func TestMappingTellsAllItsProblems(t *testing.T) {
	t.Parallel()
	_, err := sources.Mapping{ID: "a..b", Text: "{{.x", Payload: []string{"a", `a\`, "a", "*"}}.Compile()
	if pipeline.Classify(err) != pipeline.Misconfigured || pipeline.Hint(err) == "" {
		t.Errorf("got %v of class %s, want a hint and class misconfigured", err, pipeline.Classify(err))
	}
	for _, want := range []string{
		`id: field path "a..b" has an empty key`, "text: template:1: unclosed action",
		`payload[1]: field path "a\\": a backslash`, `payload[2]: two fields would be named "a"`, "payload[3]: \"*\" stands",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %s", err, want)
		}
	}
	if _, err := (sources.Mapping{}).Compile(); err == nil {
		t.Error("a mapping without a text compiles")
	}
}

func TestWantNamesEachFieldOnceAndTheWholeBeforeItsParts(t *testing.T) {
	t.Parallel()
	want := compile(t, sources.Mapping{ID: "meta.id", Text: "{{.text}}{{if .sub}}{{.sub}}{{end}}", Payload: []string{"meta.a.b", "meta.a", "text"}}).Want()
	if want.All || want.Slots != 4 || len(want.Fields) != 3 {
		t.Fatalf("got %+v, want 4 slots of 3 fields", want)
	}
	var required []string
	for _, path := range want.Required {
		required = append(required, path.String())
	}
	if got := strings.Join(required, " "); got != "meta.id text" {
		t.Errorf("required are %s, want meta.id text", got)
	}
}

func FuzzParsePath(f *testing.F) {
	f.Add(`a.b\.c\\d`)
	f.Fuzz(func(t *testing.T, s string) {
		path, err := sources.ParsePath(s)
		if err != nil {
			return
		}
		again, err := sources.ParsePath(path.String())
		if err != nil || again.String() != path.String() || len(again) != len(path) {
			t.Errorf("%q is read as %q, which is read as %q, %v", s, path, again, errors.Unwrap(err))
		}
	})
}
