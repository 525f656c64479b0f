package sources_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/vecload/vecload/sources/jsonl"
)

const (
	hintWrongName = " → give the file the extension of what it holds"
	hintDamaged   = " → the file is damaged or was not written to its end; fetch or write it again"
	hintConvert   = " → give the file the extension of what it holds, or convert it"
)

func TestLinesThatAreBroken(t *testing.T) {
	t.Parallel()
	// A line that is told apart from two good ones, whatever it is.
	between := func(line string) []byte { return []byte(good(1) + line + "\n" + good(3)) }
	rejected := func(reason string) []string { return []string{"1 1", "2 rejected: " + reason, "3 3"} }
	var wide strings.Builder
	for _, unit := range utf16.Encode([]rune("\ufeff" + good(1))) {
		wide.WriteString(string([]byte{byte(unit), byte(unit >> 8)}))
	}
	for _, tc := range []broken{
		{name: "an empty file", content: nil},
		{name: "blank lines only", content: []byte("\n \t\n\r\n\n")},
		{name: "a byte order mark", content: []byte("\ufeff" + good(1)), want: []string{"1 1"}},
		{name: "a byte order mark only", content: []byte("\ufeff")},
		{name: "a byte order mark in the second line", content: between("\ufeff" + `{"id":2,"text":"xyzzy"}`), want: rejected("malformed JSON: expected a value at byte 1")},
		{name: "lines ended by CRLF", content: []byte(strings.ReplaceAll(good(1)+"\n"+good(3), "\n", "\r\n")), want: []string{"1 1", "3 3"}},
		{name: "lines ended by CR only", content: []byte(strings.ReplaceAll(good(1)+good(2), "\n", "\r")), want: []string{"1 rejected: malformed JSON: expected the end of the line at byte 27"}},
		{name: "a last line without its end", content: []byte(good(1) + strings.TrimSuffix(good(2), "\n")), want: []string{"1 1", "2 2"}},
		{name: "a last line that is cut off", content: []byte(good(1) + good(2)[:12]), want: []string{"1 1", "2 rejected: malformed JSON: the line ends, expected the end of a string at byte 13"}},
		{name: "a list of objects", content: []byte("[" + strings.TrimSpace(good(1)) + "]\n"), want: []string{"1 rejected: the line does not hold an object"}},
		{
			name: "JSON over several lines", content: []byte("{\n  \"id\": 1,\n  \"text\": \"xyzzy\"\n}\n"),
			want: []string{
				"1 rejected: malformed JSON: the line ends, expected a key at byte 2",
				"2 rejected: malformed JSON: expected the end of the line at byte 7",
				"3 rejected: malformed JSON: expected the end of the line at byte 9",
				"4 rejected: malformed JSON: expected a value at byte 1",
			},
		},
		{name: "a number", content: between("12"), want: rejected("the line does not hold an object")},
		{name: "a string", content: between(`"xyzzy"`), want: rejected("the line does not hold an object")},
		{name: "null", content: between("null"), want: rejected("the line does not hold an object")},
		{name: "an object without fields", content: between("{}"), want: rejected("field id is missing")},
		{name: "two objects in a line", content: between(`{"id":2,"text":"xyzzy"}{"id":9,"text":"xyzzy"}`), want: rejected("malformed JSON: expected the end of the line at byte 24")},
		{name: "text behind an object", content: between(`{"id":2,"text":"xyzzy"} xyzzy`), want: rejected("malformed JSON: expected the end of the line at byte 25")},
		{name: "comments", content: between(`{"id":2, /* xyzzy */ "text":"xyzzy"}`), want: rejected("malformed JSON: expected a key at byte 10")},
		{name: "single quotes", content: between(`{'id':2,'text':'xyzzy'}`), want: rejected("malformed JSON: expected a key at byte 2")},
		{name: "NaN", content: between(`{"id":2,"text":"xyzzy","n":NaN}`), want: rejected("malformed JSON: expected a value at byte 28")},
		{name: "bytes of NUL", content: between("{\"id\":2,\"text\":\"xyzzy\x00\"}"), want: rejected("malformed JSON: a control character in a string at byte 22")},
		{name: "a line of NUL, as a crash leaves them", content: between(strings.Repeat("\x00", 4096)), want: rejected("malformed JSON: expected a value at byte 1")},
		{name: "an escaped NUL", content: between(`{"id":2,"text":"xyzzy\u0000"}`), want: []string{"1 1", "2 2", "3 3"}},
		{name: "half a surrogate pair", content: between(`{"id":2,"text":"xyzzy \ud83d"}`), want: rejected("an escape of half a surrogate pair at byte 23")},
		{name: "the other half", content: between(`{"id":2,"text":"xyzzy \ude00 \ud83d"}`), want: rejected("an escape of half a surrogate pair at byte 23")},
		{name: "a surrogate in UTF-8", content: between("{\"id\":2,\"text\":\"xyzzy \xed\xa0\xbd\"}"), want: rejected("invalid UTF-8 at byte 23")},
		{name: "Latin-1", content: between("{\"id\":2,\"text\":\"xyzzy caf\xe9\"}"), want: rejected("invalid UTF-8 at byte 26")},
		{name: "UTF-8 that is cut off", content: between("{\"id\":2,\"text\":\"xyzzy \xf0\x9f\x98\"}"), want: rejected("invalid UTF-8 at byte 23")},
		{name: "invalid UTF-8 in a field that nobody wants", content: between("{\"id\":2,\"text\":\"xyzzy\",\"x\":\"\xff\"}"), want: rejected("invalid UTF-8 at byte 29")},
		{name: "the same key twice", content: between(`{"id":2,"text":"xyzzy","text":"xyzzy"}`), want: rejected("duplicate key at byte 24")},
		{name: "the same key twice, once escaped", content: between(`{"id":2,"text":"xyzzy","\u0074ext":"xyzzy"}`), want: rejected("duplicate key at byte 24")},
		{name: "the same key twice, deep inside", content: between(`{"id":2,"text":"xyzzy","x":[{"y":{"z":1,"z":2}}]}`), want: rejected("duplicate key at byte 41")},
		{name: "a number beyond float64", content: between(`{"id":2,"text":"xyzzy","n":1e400}`), want: rejected("number out of range at byte 28")},
		{name: "a number next to zero", content: between(`{"id":2,"text":"xyzzy","n":1e-400}`), want: []string{"1 1", "2 2", "3 3"}},
		{name: "an integer of a thousand digits", content: between(`{"id":2,"text":"xyzzy","n":` + strings.Repeat("9", 1000) + `}`), want: []string{"1 1", "2 2", "3 3"}},
		{name: "a million digits", content: between(`{"id":2,"text":"xyzzy","n":` + strings.Repeat("9", 1<<20) + `e5}`), want: rejected("number out of range at byte 28")},
		{name: "a million brackets", content: between(strings.Repeat("[", 1<<20)), want: rejected("more than 1000 levels of nesting at byte 1001")},
		{name: "a million objects in each other", content: between(strings.Repeat(`{"a":`, 1<<20)), want: rejected("more than 1000 levels of nesting at byte 5001")},
		{name: "a thousand levels", content: between(`{"id":2,"text":"xyzzy","x":` + strings.Repeat("[", 999) + strings.Repeat("]", 999) + `}`), want: []string{"1 1", "2 2", "3 3"}},
		{name: "a line of 64 MiB and one byte", content: between(`{"id":2,"text":"` + strings.Repeat("x", jsonl.MaxLine-17) + `"}`), want: rejected("the line is longer than 64 MiB")},
		{name: "UTF-16", content: []byte(wide.String()), want: []string{"misconfigured, a.jsonl: the file is UTF-16 text, not JSONL" + hintConvert}},
		{name: "UTF-16 without a mark", content: []byte(wide.String()[2:]), want: []string{"misconfigured, a.jsonl: the file is UTF-16 text, not JSONL" + hintConvert}},
		{name: "Parquet", content: []byte("PAR1\x00\x00PAR1"), want: []string{"misconfigured, a.jsonl: the file is Parquet, not JSONL" + hintConvert}},
		{name: "encrypted Parquet", content: []byte("PARE\x00\x00PARE"), want: []string{"misconfigured, a.jsonl: the file is encrypted Parquet, not JSONL" + hintConvert}},
		{name: "a zip file", content: []byte("PK\x03\x04\x14\x00"), want: []string{"misconfigured, a.jsonl: the file is a zip file, not JSONL" + hintConvert}},
		{name: "bzip2", content: []byte("BZh91AY&SY"), want: []string{"misconfigured, a.jsonl: the file is bzip2, not JSONL" + hintConvert}},
		{name: "xz", content: []byte("\xfd7zXZ\x00"), want: []string{"misconfigured, a.jsonl: the file is xz, not JSONL" + hintConvert}},
		{name: "gzip", content: gzipped(t, good(1)), want: []string{"misconfigured, a.jsonl: the file is gzip, and its name says not compressed" + hintWrongName}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.file = "a.jsonl"
			tc.check(t)
		})
	}
}
