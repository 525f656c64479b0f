package rest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxQuote = 300  // bytes of a server's message that an error repeats
	maxScrub = 2000 // bytes of it that are searched for document text
	// run is how many bytes in a row make a message repeat a document. Shorter
	// pieces are words.
	run = 12
)

// Quote returns the message fit for an error: without control characters, cut
// to 300 bytes, and with every run of 12 bytes or more that is also in one of
// the texts replaced by "…". A shorter text is replaced where the message
// repeats it between quotes.
func (d Detail) Quote(texts []string) string {
	message := d.Text[:min(len(d.Text), maxScrub)]
	message = cut(message, texts)
	for _, text := range texts {
		if len(text) >= run {
			continue
		}
		for _, quote := range []string{`"`, `'`, "`"} {
			message = strings.ReplaceAll(message, quote+text+quote, quote+"…"+quote)
		}
	}
	return clean(message, maxQuote)
}

// cut replaces what message shares with the texts.
func cut(message string, texts []string) string {
	if len(message) < run {
		return message
	}
	places := make(map[[run]byte][]int, len(message))
	for i := 0; i+run <= len(message); i++ {
		key := [run]byte([]byte(message[i : i+run]))
		places[key] = append(places[key], i)
	}
	shared := make([]bool, len(message))
	found := false
	for _, text := range texts {
		for i := 0; i+run <= len(text); i++ {
			key := [run]byte([]byte(text[i : i+run]))
			at, ok := places[key]
			if !ok {
				continue
			}
			delete(places, key) // each piece of the message is marked once
			found = true
			for _, start := range at {
				for j := range run {
					shared[start+j] = true
				}
			}
		}
	}
	if !found {
		return message
	}
	var b strings.Builder
	for i := range len(message) {
		switch {
		case !shared[i]:
			b.WriteByte(message[i])
		case i == 0 || !shared[i-1]:
			b.WriteString("…")
		}
	}
	return b.String()
}

// Word returns a name that a server gave, such as that of a model, fit for an
// error: one line without control characters, of at most 100 bytes.
func Word(text string) string { return clean(text, 100) }

// clean makes one line of at most limit bytes of valid text.
func clean(text string, limit int) string {
	text = strings.ToValidUTF8(text, "")
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= limit {
		return text
	}
	end := limit
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
