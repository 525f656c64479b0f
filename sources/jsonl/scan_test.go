package jsonl_test

import (
	"strings"
	"testing"

	"github.com/vecload/vecload/sources/jsonl"
)

func TestParseGivesTheValueThatIsWritten(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, want string }{
		{"null", "null", "null"},
		{"true", " true ", "true"},
		{"false", "false", "false"},
		{"zero", "0", "0"},
		{"negative zero", "-0", "0"},
		{"least integer", "-9223372036854775808", "-9223372036854775808"},
		{"greatest integer", "9223372036854775807", "9223372036854775807"},
		{"above int64", "9223372036854775808", `"9223372036854775808"`},
		{"fraction", "1.50", "1.5"},
		{"whole fraction", "1.0", "1.0"},
		{"exponent", "1E+2", "100.0"},
		{"tiny", "1e-999", "0.0"},
		{"text", `"a b"`, `"a b"`},
		{"empty text", `""`, `""`},
		{"escapes", `"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC"`, `"\"\\/\u0008\u000c\n\r\tAé€"`},
		{"surrogate pair", `"\ud834\udd1e"`, `"𝄞"`},
		{"NUL", `"\u0000"`, `"\u0000"`},
		{"escape after eight bytes", `"12345678\n12345678\"9"`, `"12345678\n12345678\"9"`},
		{"bytes above 127", `"éééééééé\"é"`, `"éééééééé\"é"`},
		{"list", `[ 1 , "a" , [ ] ]`, `[1,"a",[]]`},
		{"object", `{ "b" : 1 , "a" : { } }`, `{"b":1,"a":{}}`},
		{"escaped key", `{"\u0061":1}`, `{"a":1}`},
		{"nesting at the limit", strings.Repeat("[", 1000) + strings.Repeat("]", 1000), strings.Repeat("[", 1000) + strings.Repeat("]", 1000)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			v, err := jsonl.Parse([]byte(tc.in))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(v.AppendJSON(nil)); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestParseSaysWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	keys := make([]string, 0, 41)
	for i := range 40 {
		keys = append(keys, `"`+strings.Repeat("k", i+1)+`":1`)
	}
	long := "{" + strings.Join(append(keys, `"kkk":2`), ",") + "}"
	for _, tc := range []struct{ name, in, want string }{
		{"nothing", "", "malformed JSON: the line ends, expected a value at byte 1"},
		{"half a word", "tru", "malformed JSON: expected a value at byte 1"},
		{"leading zero", "01", "malformed JSON: expected the end of the line at byte 2"},
		{"plus", "+1", "malformed JSON: expected a value at byte 1"},
		{"no fraction", "1.", "malformed JSON: the line ends, expected a digit at byte 3"},
		{"no exponent", "1e+", "malformed JSON: the line ends, expected a digit at byte 4"},
		{"NaN", "NaN", "malformed JSON: expected a value at byte 1"},
		{"out of range", "[1e999]", "number out of range at byte 2"},
		{"no quote", `"abc`, "malformed JSON: the line ends, expected the end of a string at byte 5"},
		{"control character", "\"a\tb\"", "malformed JSON: a control character in a string at byte 3"},
		{"unknown escape", `"\x"`, "malformed JSON: an unknown escape at byte 2"},
		{"short escape", `"\u12"`, "malformed JSON: an incomplete escape at byte 2"},
		{"lone high surrogate", `"\ud834"`, "an escape of half a surrogate pair at byte 2"},
		{"lone low surrogate", `"\udd1e"`, "an escape of half a surrogate pair at byte 2"},
		{"two high surrogates", `"\ud834\ud834"`, "an escape of half a surrogate pair at byte 2"},
		{"invalid UTF-8", "\"a\xff\"", "invalid UTF-8 at byte 3"},
		{"surrogate in UTF-8", "\"\xed\xa0\x80\"", "invalid UTF-8 at byte 2"},
		{"trailing comma", "[1,]", "malformed JSON: expected a value at byte 4"},
		{"no comma", "[1 2]", "malformed JSON: expected ',' or ']' after a value at byte 4"},
		{"no colon", `{"a" 1}`, "malformed JSON: expected ':' after a key at byte 6"},
		{"key that is no string", `{a:1}`, "malformed JSON: expected a key at byte 2"},
		{"second value", `{} {}`, "malformed JSON: expected the end of the line at byte 4"},
		{"duplicate key", `{"a":1,"a":2}`, "duplicate key at byte 8"},
		{"duplicate by escape", `{"a":1,"\u0061":2}`, "duplicate key at byte 8"},
		{"duplicate deep inside", `[{"x":{"a":1,"a":2}}]`, "duplicate key at byte 14"},
		{"duplicate among many", long, "duplicate key at byte 1022"},
		{"too deep", strings.Repeat("[", 1001), "more than 1000 levels of nesting at byte 1001"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := jsonl.Parse([]byte(tc.in))
			if err == nil || err.Error() != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}
