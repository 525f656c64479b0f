package sources_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vecload/vecload/sources"
)

func TestIDsThatAreNone(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		`"a"`:                                   "1 a",
		`0`:                                     "1 0",
		`-7`:                                    "1 -7",
		`9223372036854775807`:                   "1 9223372036854775807",
		`9223372036854775808`:                   "1 9223372036854775808", // beyond int64: its digits
		`-0`:                                    "1 0",
		`"line\nbreak \u001b[31m"`:              "1 line\nbreak \x1b[31m",
		`null`:                                  "1 rejected: the id in field id is null, not a string or an integer",
		`true`:                                  "1 rejected: the id in field id is a boolean, not a string or an integer",
		`1.5`:                                   "1 rejected: the id in field id is a number, not a string or an integer",
		`1.0`:                                   "1 rejected: the id in field id is a number, not a string or an integer",
		`1e3`:                                   "1 rejected: the id in field id is a number, not a string or an integer",
		`["xyzzy"]`:                             "1 rejected: the id in field id is a list, not a string or an integer",
		`{"xyzzy":1}`:                           "1 rejected: the id in field id is an object, not a string or an integer",
		`""`:                                    "1 rejected: the id in field id is empty",
		`"` + strings.Repeat("x", 1024) + `"`:   "1 " + strings.Repeat("x", 1024),
		`"` + strings.Repeat("xé", 1024) + `"`:  "1 rejected: the id in field id is longer than 1024 bytes",
		strings.Repeat("9", 1025):               "1 rejected: the id in field id is longer than 1024 bytes",
		`"\ud800"`:                              "1 rejected: an escape of half a surrogate pair at byte 8",
		`"` + strings.Repeat(`\u0000`, 3) + `"`: "1 \x00\x00\x00",
	} {
		t.Run(fmt.Sprintf("%.20s", strings.ReplaceAll(id, secret, "")), func(t *testing.T) {
			t.Parallel()
			tc := broken{file: "a.jsonl", content: []byte(`{"id":` + id + `,"text":"xyzzy"}`), want: []string{want}}
			tc.check(t)
		})
	}
}

func TestTextsThatAreNone(t *testing.T) {
	t.Parallel()
	const reject = "1 rejected: "
	for text, want := range map[string]string{
		`"a"`:               "1 1",
		`5`:                 "1 1",
		`1.5`:               "1 1",
		`"\u0000"`:          "1 1",
		`null`:              reject + "field text is null, not a text",
		`""`:                reject + "the text is empty",
		`" \n\t\u00a0"`:     reject + "the text is empty",
		`"\u2003\u2028"`:    reject + "the text is empty",
		`true`:              reject + "field text is a boolean, not a text",
		`["xyzzy","xyzzy"]`: reject + "field text is a list, not a text",
		`{"en":"xyzzy"}`:    reject + "field text is an object, not a text",
	} {
		t.Run(strings.ReplaceAll(text, secret, ""), func(t *testing.T) {
			t.Parallel()
			tc := broken{file: "a.jsonl", content: []byte(`{"id":1,"text":` + text + `}`), want: []string{want}}
			tc.check(t)
		})
	}
}

func TestRecordsOfOneFileMayDiffer(t *testing.T) {
	t.Parallel()
	for _, tc := range []broken{
		{
			name: "mixed types in one column", mapping: &sources.Mapping{ID: "id", Text: "text", Payload: []string{"*"}},
			content: []byte(`{"id":1,"text":"a","n":1}` + "\n" + `{"id":"2","text":2,"n":"two"}` + "\n" + `{"id":3,"text":["xyzzy"],"n":[2]}` + "\n" + `{"id":4,"text":"d","n":{"a":1}}`),
			want:    []string{"1 1", "2 2", "3 rejected: field text is a list, not a text", "4 4"},
		},
		{
			name: "an object in one and a text in the other", mapping: &sources.Mapping{ID: "id", Text: "meta.title"},
			content: []byte(`{"id":1,"meta":{"title":"a"}}` + "\n" + `{"id":2,"meta":"xyzzy"}` + "\n" + `{"id":3,"meta":[{"title":"xyzzy"}]}` + "\n" + `{"id":4,"meta":null}`),
			want:    []string{"1 1", "2 rejected: field meta.title is missing", "3 rejected: field meta.title is missing", "4 rejected: field meta.title is missing"},
		},
		{
			name: "a template over fields that are not there", mapping: &sources.Mapping{ID: "id", Text: "{{.a}} {{.b.c}} {{range .d}}{{.}}{{end}}"},
			content: []byte(`{"id":1,"a":"a","b":{"c":1},"d":["x"]}` + "\n" + `{"id":2,"a":"xyzzy","b":"xyzzy","d":[]}` + "\n" + `{"id":3,"a":"xyzzy","b":{"c":"xyzzy"},"d":7}` + "\n" + `{"id":4,"a":{"xyzzy":1},"b":{"c":1},"d":[]}`),
			want:    []string{"1 1", "2 rejected: field b.c is missing", "3 rejected: field d is an integer, which range does not go through", "4 rejected: field a is an object, which does not print: name one of its fields"},
		},
		{
			name: "a template that grows without bound", mapping: &sources.Mapping{ID: "id", Text: "{{range .d}}{{range $.d}}{{range $.d}}{{range $.d}}{{.}}{{end}}{{end}}{{end}}{{end}}"},
			content: []byte(`{"id":1,"d":[` + strings.Repeat("1,", 10_000) + `1]}`),
			want:    []string{"1 rejected: the template does too much work for one record"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.file = "a.jsonl"
			tc.check(t)
		})
	}
}
