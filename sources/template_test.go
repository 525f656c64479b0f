package sources_test

import (
	"strings"
	"testing"

	"github.com/vecload/vecload/sources"
)

func TestTemplateMakesAText(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ template, want string }{
		{"{{.title}}\n\n{{.body}}", "T\n\nB"},
		{"{{.year}} {{.price}} {{.ok}} {{.id}}", "9223372036854775807 1.5 true 7"},
		{"{{.meta.author}} {{$.meta.lang}} {{.meta.deep.er}}", "A en 1"},
		{`{{index . "a.b"}} {{index $ "meta" "author"}}`, "dot A"},
		{"{{if .subtitle}}{{.subtitle}}{{else}}none{{end}}", "none"},
		{"{{if .n}}x{{else if .empty}}y{{else if .none}}z{{else}}w{{end}}", "w"},
		{"{{with .meta}}{{.author}} {{.lang}} {{$.title}}{{end}}", "A en T"},
		{"{{with $m := .meta}}{{$m.author}}{{end}}", "A"},
		{"{{with .absent}}x{{else}}{{.title}}{{end}}", "T"},
		{"{{range .tags}}[{{.}}]{{end}}", "[x][y][3]"},
		{"{{range $i, $t := .tags}}{{if $i}}, {{end}}{{$i}}={{$t}}{{end}}", "0=x, 1=y, 2=3"},
		{"{{range $k, $v := .meta.deep}}{{$k}}={{$v}}{{end}}", "er=1"},
		{"{{range .none}}x{{else}}{{.title}}{{end}}{{range .absent}}x{{end}}!", "T!"},
		{"{{$x := .title}}{{if true}}{{$x = .body}}{{end}}{{$x}}", "B"},
		{`{{join ", " .tags}} {{.tags | join "/"}}`, "x, y, 3 x/y/3"},
		{`{{lower .title}}{{upper "é"}}{{trim "  a "}}`, "tÉa"},
		{`{{default "?" .absent}}{{default "?" .n}}{{.title | default "?"}}{{.empty | default "-"}}`, "??T-"},
		{`{{json .meta}}{{json .tags}}`, `{"author":"A","lang":"en","deep":{"er":1}}["x","y",3]`},
		{`{{printf "%05d|%.2f|%q|%-4s|%t|%%|%v" .id .price .title .body .ok .year}}`, `00007|1.50|"T"|B   |true|%|9223372036854775807`},
		{"{{len .tags}}{{len .title}}{{len .meta}}", "313"},
		{"{{if and .title .body}}a{{end}}{{if or .absent .body}}b{{end}}{{if not .absent}}c{{end}}", "abc"},
		{"{{or .absent .n .title}}{{and .title .body}}", "TB"},
		{`{{if eq .title "S" "T"}}a{{end}}{{if ne .id 8}}b{{end}}{{if eq .id 7.0}}c{{end}}{{if eq .absent .n}}d{{end}}`, "abcd"},
		{`{{if lt .price 2}}a{{end}}{{if ge .year 9223372036854775807}}b{{end}}{{if gt "b" "a"}}c{{end}}{{if le .id 7}}d{{end}}`, "abcd"},
		{"{{index .tags 1}}{{if index .tags 9}}x{{end}}", "y"},
		{"{{/* a comment */}}{{- .title -}}  x", "Tx"},
		{"{{(index .tags 0)}}{{(.meta).author}}", "xA"},
	} {
		t.Run(tc.template, func(t *testing.T) {
			t.Parallel()
			// A word before it makes a text of what is empty.
			m := compile(t, sources.Mapping{ID: "id", Text: "=" + tc.template})
			doc, err := m.Document(record(t, m, book))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimPrefix(doc.Text, "="); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestTemplateRefusesARecord(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ template, want string }{
		{"{{.absent}}", "field absent is missing"},
		{"{{.n}}", "field n is null"},
		{"{{.title.x}}", "field title.x is missing"},
		{"{{.meta}}", "field meta is an object, which does not print: name one of its fields"},
		{"{{with .meta}}{{.absent}}{{end}}", "field absent is missing"},
		{"{{lower .absent}}", "field absent is missing"},
		{"{{range .id}}x{{end}}", "field id is an integer, which range does not go through"},
		{"{{range .title}}x{{end}}", "field title is a string, which range does not go through"},
		{`{{printf "%d" .title}}`, "printf: %d does not print a string"},
		{`{{if lt .title 1}}x{{end}}`, "lt: a string and an integer have no order"},
		{"{{len .id}}", "len: field id is an integer, which has no length"},
		{"{{index .tags 9}}", "an element of field tags is missing"},
		{"{{range .tags}}{{.x}}{{end}}", "field x is missing"},
	} {
		t.Run(tc.template, func(t *testing.T) {
			t.Parallel()
			m := compile(t, sources.Mapping{ID: "id", Text: tc.template})
			_, err := m.Document(record(t, m, book))
			if err == nil || err.Error() != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestTemplateIsBounded(t *testing.T) {
	t.Parallel()
	list := "[" + strings.Repeat("1,", 999) + "1]"
	long := `"` + strings.Repeat("x", 1<<20) + `"`
	for name, tc := range map[string]struct{ template, object, want string }{
		"nested ranges": {
			"{{range .l}}{{range $.l}}{{range $.l}}{{end}}{{end}}{{end}}", `{"l":` + list + `}`, "the template does too much work for one record",
		},
		"long output": {
			"{{range .l}}{{$.t}}{{end}}", `{"l":` + list + `,"t":` + long + `}`, "the text would be longer than 64 MiB",
		},
		"doubling": {
			`{{$x := .t}}{{range .l}}{{$x = printf "%s%s" $x $x}}{{end}}`, `{"l":` + list + `,"t":` + long + `}`, "printf: the text would be longer than 64 MiB",
		},
		"many functions of a long text": {
			"{{range .l}}{{if eq (lower $.t) (upper $.t)}}{{end}}{{end}}", `{"l":` + list + `,"t":` + long + `}`, "the template does too much work for one record",
		},
		"long join": {
			"{{join .t .l}}", `{"l":` + list + `,"t":` + long + `}`, "join: the text would be longer than 64 MiB",
		},
		"fields that are long together": {
			strings.Repeat("{{.t}}", 65), `{"t":` + long + `}`, "the text would be longer than 64 MiB",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := compile(t, sources.Mapping{Text: tc.template})
			_, err := m.Document(record(t, m, tc.object))
			if err == nil || err.Error() != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestParseTemplateRefusesWhatCanNeverWork(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ template, want string }{
		{"{{", "unclosed action"},
		{"a\n{{.x y}}", "template:2: .x is not a function"},
		{"{{define \"a\"}}x{{end}}", "define and block have no use here"},
		{"{{block \"a\" .}}x{{end}}", "define and block have no use here"},
		{"{{template \"a\"}}", "there is no other template to call"},
		{"{{range .x}}{{break}}{{end}}", "{{break}} is not one of the actions here"},
		{"{{.}}", "the whole record does not print"},
		{"{{$}}", "the whole record does not print"},
		{"{{json .}}", "the whole record does not print"},
		{"{{title}}", "there is no function title; a field is written .title"},
		{"{{call .x}}", "there is no function call"},
		{"{{html .x}}", "there is no function html"},
		{"{{lower .x .y}}", "function lower does not take 2 arguments"},
		{"{{lower}}", "function lower does not take 0 arguments"},
		{"{{printf .x}}", "the format of printf is a literal text"},
		{`{{printf "%1001d" .x}}`, "a width of printf is at most 1000"},
		{`{{printf "%.99999f" .x}}`, "a width of printf is at most 1000"},
		{`{{printf "%*d" .x .y}}`, "the verbs of printf are"},
		{`{{printf "%[1]d" .x}}`, "the verbs of printf are"},
		{`{{printf "%d"}}`, "printf has 1 verbs and 0 values"},
		{`{{printf "%"}}`, "the format of printf ends inside of a verb"},
		{"{{nil}}", "nil"},
		{"{{index .}}", "index of a record takes a key"},
		{"{{index . .x}}", "index of a record takes literal keys"},
		{"{{$x}}", "undefined variable"},
		{"{{1i}}", "1i is not a value"},
		{strings.Repeat("x", 1<<17) + "{{.x}}", "the template is longer than 65536 bytes"},
	} {
		t.Run(tc.template[:min(len(tc.template), 40)], func(t *testing.T) {
			t.Parallel()
			_, err := sources.ParseTemplate(tc.template)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want it to say %s", err, tc.want)
			}
		})
	}
}

// FuzzTemplate compiles any template and runs it over a record, which ends
// with a text or an error and never changes the record.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{
		"{{.title}} {{.meta.author}}", "{{range $i, $x := .tags}}{{$i}}{{$x}}{{end}}", `{{printf "%5.2f" .price}}`,
		"{{with $x := .meta}}{{$x.deep.er}}{{else}}{{end}}", `{{if and (eq .id 7) (not .n)}}{{json .meta | upper}}{{end}}`,
		`{{index . "a.b"}}{{(index .tags 0)}}`, "{{range .meta}}{{.}}{{end}}", "{{$x := .id}}{{$x = .title}}{{len $x}}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, template string) {
		parsed, err := sources.ParseTemplate(template)
		if err != nil {
			return
		}
		if !strings.Contains(template, "{{") {
			return
		}
		for _, path := range parsed.Required() {
			if len(path) == 0 {
				t.Error("an empty path is required")
			}
		}
		for _, payload := range [][]string{nil, {"*"}} {
			m := compile(t, sources.Mapping{ID: "id", Text: template, Payload: payload})
			doc, err := m.Document(record(t, m, book))
			if err == nil && strings.TrimSpace(doc.Text) == "" {
				t.Error("a text is empty")
			}
		}
	})
}
