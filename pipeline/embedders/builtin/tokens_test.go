package builtin_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
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
