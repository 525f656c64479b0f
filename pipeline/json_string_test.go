package pipeline_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
)

// plainly writes a JSON string a character at a time.
func plainly(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r < ' ' || r == '\u2028' || r == '\u2029' || r == '\ufffd' && !strings.HasPrefix(s[i:], "\ufffd"):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

func checkString(t *testing.T, text string) {
	t.Helper()
	got := string(pipeline.AppendJSONString([]byte("x"), text))
	if want := "x" + plainly(text); got != want {
		t.Fatalf("%q is written %s, want %s", text, got, want)
	}
	var back string
	if err := json.Unmarshal([]byte(got[1:]), &back); err != nil || back != strings.ToValidUTF8(text, "\ufffd") && strings.ToValidUTF8(text, "") == text {
		t.Fatalf("%q is written %s, which reads %q, %v", text, got, back, err)
	}
}

func TestEachByteOfATextIsWrittenAtEachPlace(t *testing.T) {
	t.Parallel()
	const text = "a text of 20 letters"
	for place := range len(text) {
		for c := range 256 {
			changed := []byte(text)
			changed[place] = byte(c)
			checkString(t, string(changed))
			checkString(t, string(changed[place:]))
		}
	}
	for _, text := range []string{"", "é", "12345678", "1234567\u2028", "\u2029", "\ufffd", "日本語のテキスト", `"""""""""`, "\xe2\x80", strings.Repeat("\\", 17)} {
		checkString(t, text)
	}
}

func FuzzJSONString(f *testing.F) {
	f.Add("a \"text\" of\n some\u2028 words\xff, longer than a step")
	f.Fuzz(func(t *testing.T, text string) { checkString(t, text) })
}

func BenchmarkAppendJSONString(b *testing.B) {
	english := strings.Repeat(`The quick brown fox jumps over the lazy dog, and says "so what" to it; `, 10)
	for name, text := range map[string]string{"english": english, "japanese": strings.Repeat("日本語のテキスト。", 30)} {
		b.Run(name, func(b *testing.B) {
			dst := make([]byte, 0, 2*len(text))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				dst = pipeline.AppendJSONString(dst[:0], text)
			}
		})
	}
}
