package builtin

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
)

// counted is the slow way: every word is spelt.
func counted(e *Embedder, text string) int {
	w := words{vocab: e.vocab, text: text}
	n := 0
	for w.next() {
		n += w.found
	}
	return n
}

// oddities are pieces of texts that end words, do not, or are words alone.
func oddities() []string {
	return []string{
		" ", " ", " ", "\n", "\t", "\r", "  ", ".", ",", "-", "_", "@", "[", "`", "{", "\x00", "\x01", "\x1f", "\x7f", "\x80", "\xff", "\xe4\xb8",
		"a", "Z", "0", "9", "word", "The", "jurisprudence", "photosynthesis", "neighbourhoods", "abcdefghijklmno", "abcdefghijklmnop",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ", strings.Repeat("x", 99), strings.Repeat("7", 101), "12345678", "123456789", "1234567",
		"é", "café", "\u0301", "\u00ad", "\u00a0", "\u2028", "≠", "向", "각", "ﬁ", "İ", "\U0001F600", "…", "“", "[UNK]", "##a",
	}
}

func TestCountingIsSpelling(t *testing.T) {
	t.Parallel()
	e, err := New()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	pieces := append(oddities(), e.vocab.pieces...)
	few := len(oddities())
	var text strings.Builder
	for range 50_000 {
		text.Reset()
		for range random.IntN(12) {
			limit := len(pieces)
			if random.IntN(3) > 0 {
				limit = few
			}
			piece := pieces[random.IntN(limit)]
			if random.IntN(8) == 0 {
				piece = strings.ToUpper(piece)
			}
			text.WriteString(piece)
		}
		if got, want := e.CountTokens(text.String()), counted(e, text.String()); got != want {
			t.Fatalf("%d tokens counted, %d spelt, in %q", got, want, text.String())
		}
	}
}

func TestLettersAreTakenUpToTheFirstOtherByte(t *testing.T) {
	t.Parallel()
	for place := range 8 {
		for b := range 256 {
			text := []byte("AbCd3fGh")
			text[place] = byte(b)
			letter := b < 0x80 && (unicode.IsLetter(rune(b)) || unicode.IsDigit(rune(b)))
			want := 8
			if !letter {
				want = place
			}
			lower, length := lettersAt(string(text), 0)
			var got [8]byte
			for i := range got {
				got[i] = byte(lower >> (8 * i))
			}
			if length != want || string(got[:]) != strings.ToLower(string(text[:want]))+strings.Repeat("\x00", 8-want) {
				t.Fatalf("%q gives %q, %d long; want the first %d", text, got, length, want)
			}
		}
	}
}

func FuzzCountTokens(f *testing.F) {
	for _, text := range oddities() {
		f.Add(text)
		f.Add(text + text)
		f.Add("a long enough text " + text + "before" + text + " the end")
	}
	e, err := New()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := e.CountTokens(text), counted(e, text); got != want {
			t.Fatalf("%d tokens counted, %d spelt", got, want)
		}
	})
}
