package builtin_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestTokensAreTheTeachers compares with what the teacher's own tokenizer
// made of the same texts (distill/golden.py).
func TestTokensAreTheTeachers(t *testing.T) {
	t.Parallel()
	e := model(t)
	file, err := os.Open("testdata/tokens.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	lines, cases := bufio.NewScanner(file), 0
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c struct {
			Name string
			Text string
			IDs  []uint16
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases++
		if got := e.TokenIDs(c.Text); !slices.Equal(got, c.IDs) {
			t.Errorf("%s: %q\n got %v\nwant %v", c.Name, c.Text, got, c.IDs)
		}
		if got := e.CountTokens(c.Text); got != len(c.IDs) {
			t.Errorf("%s: CountTokens = %d, want %d", c.Name, got, len(c.IDs))
		}
	}
	if err := lines.Err(); err != nil || cases < 100 {
		t.Fatalf("read %d cases, error %v", cases, err)
	}
}

func TestInvalidUTF8IsDropped(t *testing.T) {
	t.Parallel()
	e := model(t)
	for _, text := range []string{"rea\xffder", "\xc3reader\xe2\x82", "rea\xed\xa0\x80der", "read\xf5er"} {
		if got, want := e.TokenIDs(text), e.TokenIDs("reader"); !slices.Equal(got, want) {
			t.Errorf("tokens of %q = %v, want %v", text, got, want)
		}
	}
}

func TestSpansCoverTheWords(t *testing.T) {
	t.Parallel()
	e := model(t)
	for text, want := range map[string]string{
		"Copy(dst, src)":          "Copy|(|dst|,|src|)",
		"  caf\u00e9 cafe\u0301 ": "caf\u00e9|cafe\u0301",
		"向量db":                    "向|量|db",
		"a≠b":                     "a|≠|b",
		"\x00one\u200b\ttwo…":     "one\u200b|two|…",
		"":                        "",
		" \u0301\u3000":           "",
		"unaffable " + "한글":       "unaffable|한글",
	} {
		var got []string
		tokens, end := 0, 0
		for s := range e.Spans(text) {
			if s.Start < end || s.End <= s.Start || s.Tokens < 1 {
				t.Errorf("%q: span %+v after %d", text, s, end)
			}
			got, end, tokens = append(got, text[s.Start:s.End]), s.End, tokens+s.Tokens
		}
		if strings.Join(got, "|") != want {
			t.Errorf("spans of %q = %q, want %q", text, got, want)
		}
		if tokens != e.CountTokens(text) {
			t.Errorf("%q: spans have %d tokens, CountTokens says %d", text, tokens, e.CountTokens(text))
		}
	}
}

func TestSpansStopEarly(t *testing.T) {
	t.Parallel()
	for s := range model(t).Spans("one two three") {
		if s.Start != 0 || s.End != 3 {
			t.Errorf("first span %+v, want 0 to 3", s)
		}
		break
	}
}
