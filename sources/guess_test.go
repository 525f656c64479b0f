package sources_test

import (
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
)

func TestGuessChoosesByNameThenByLength(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, lines string
		known       sources.Mapping
		text, id    string
		why         string
	}{
		{
			"names", `{"id":1,"title":"a very long title indeed","Text":"b"}` + "\n" + `{"id":2,"title":"t","Text":"c"}`,
			sources.Mapping{},
			"Text", "id", `The text is field "Text", by its name; the id is field "id".`,
		},
		{
			"length", `{"sku":"x","pitch":"a long pitch","n":1}` + "\n" + `{"sku":"y","pitch":"a longer pitch"}`,
			sources.Mapping{},
			"pitch", "", `The text is field "pitch", the longest text of the first 2 records; no field can be the id, which is then the hash of the text.`,
		},
		{"ids that repeat", `{"id":1,"text":"a"}` + "\n" + `{"id":1,"text":"b"}`, sources.Mapping{}, "text", "id", `"id"`},
		{"ids that lack", `{"id":1,"uuid":"u","text":"a"}` + "\n" + `{"uuid":"v","text":"b"}`, sources.Mapping{}, "text", "uuid", `"uuid"`},
		{"names that groups have too", `{"url":"u","key":"k","text":"a"}`, sources.Mapping{}, "text", "", "hash of the text"},
		{"ids of another kind", `{"id":1.5,"uuid":"u","text":"a"}`, sources.Mapping{}, "text", "uuid", `"uuid"`},
		{"text of another kind", `{"text":{"a":1},"body":"b"}`, sources.Mapping{}, "body", "", `"body"`},
		{"known text", `{"id":1,"text":"a","body":"b"}`, sources.Mapping{Text: "{{.body}}"}, "{{.body}}", "id", "The text is {{.body}}, as given"},
		{"known id", `{"id":1,"text":"a","key":"b"}`, sources.Mapping{ID: "key"}, "text", "key", "the id is key, as given."},
		{"name with a dot", `{"a.b":"long enough"}`, sources.Mapping{}, `a\.b`, "", `"a.b"`},
		{"broken lines", "{\n[]\n" + `{"text":"a"}`, sources.Mapping{}, "text", "", "by its name"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			file := put(t, t.TempDir(), "a.jsonl", tc.lines)
			got, err := sources.Guess(t.Context(), sources.Input{Files: []string{file}, Formats: formats()}, tc.known)
			if err != nil {
				t.Fatal(err)
			}
			if got.Mapping.Text != tc.text || got.Mapping.ID != tc.id || strings.Join(got.Mapping.Payload, ",") != "*" {
				t.Errorf("got %+v, want text %s and id %s", got.Mapping, tc.text, tc.id)
			}
			if !strings.Contains(got.Why, tc.why) {
				t.Errorf("got %s, want it to say %s", got.Why, tc.why)
			}
			if _, err := got.Mapping.Compile(); err != nil {
				t.Errorf("the guess does not compile: %v", err)
			}
		})
	}
}

func TestGuessNamesTheFieldsWhenNoneIsAText(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		`{"id":1,"n":2}`: "no field holds texts; fields: id, n",
		"":               "no record was found that could tell which field is the text",
	} {
		file := put(t, t.TempDir(), "a.jsonl", lines)
		_, err := sources.Guess(t.Context(), sources.Input{Files: []string{file}, Formats: formats()}, sources.Mapping{})
		if pipeline.Classify(err) != pipeline.Misconfigured || err.Error() != file+": "+want || !strings.Contains(pipeline.Hint(err), "--text FIELD") {
			t.Errorf("got %v with hint %q, want %s", err, pipeline.Hint(err), want)
		}
	}
}

func TestGuessLeavesStandardInputToTheCorpus(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	for i := range 20_000 {
		lines.WriteString(row(i))
	}
	input := sources.Input{Files: []string{"-"}, Formats: formats(), Stdin: sources.NewStdin(strings.NewReader(lines.String()))}
	guess, err := sources.Guess(t.Context(), input, sources.Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := sources.NewCorpus(input, guess.Mapping)
	if err != nil {
		t.Fatal(err)
	}
	got, err := origins(t, c)
	if n := len(strings.Fields(got)); n != 20_000 || err != nil || !strings.HasPrefix(got, "-:1 -:2 ") {
		t.Errorf("got %d documents and %v, want 20000 from the first on", n, err)
	}
	if _, err := sources.Guess(t.Context(), input, sources.Mapping{}); pipeline.Classify(err) != pipeline.Misconfigured {
		t.Errorf("got %v, want an error: the corpus took standard input", err)
	}
}
