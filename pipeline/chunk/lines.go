package chunk

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// paragraphEnds yields where the paragraphs of text end: behind the blank
// lines that follow them, or at the end of text.
func paragraphEnds(text string) iter.Seq[int] {
	return func(yield func(int) bool) {
		begin, blank := 0, false
		for end := range lineEnds(text) {
			empty := strings.TrimSpace(text[begin:end]) == ""
			if blank && !empty && !yield(begin) {
				return
			}
			blank, begin = empty, end
		}
		if text != "" {
			yield(len(text))
		}
	}
}

// unwrap returns text, byte for byte as long, with space for each line break
// that only wraps running text. The annex ends a sentence at every line break
// (rule SB4), which is right for lists, code, tables and headings only.
func unwrap(text string) string {
	if !strings.Contains(text, "\n") {
		return text
	}
	var out strings.Builder
	out.Grow(len(text))
	previous, begin := "", 0
	for end := range lineEnds(text) {
		next := text[begin:end]
		if begin > 0 && wraps(previous, next) {
			// The break of the line before becomes space, "\r\n" included.
			content := strings.TrimRight(previous, "\r\n")
			out.WriteString(content)
			for range len(previous) - len(content) {
				out.WriteByte(' ')
			}
		} else {
			out.WriteString(previous)
		}
		previous, begin = next, end
	}
	out.WriteString(previous)
	return out.String()
}

// wraps reports whether the sentence of a line may go on in the next one.
func wraps(previous, next string) bool {
	previous, begin := strings.TrimSpace(previous), strings.TrimLeft(next, " ")
	const indented = 4 // as in Markdown, deeper lines are code
	if previous == "" || strings.TrimSpace(next) == "" || len(next)-len(begin) >= indented {
		return false
	}
	if strings.HasPrefix(previous, "#") || strings.ContainsAny(previous[len(previous)-1:], ":;{}|") {
		return false
	}
	return !strings.ContainsAny(begin[:min(1, len(begin))], "\t-*+#>|=~<{}@/\\") &&
		!strings.HasPrefix(begin, "```") && !strings.HasPrefix(begin, "•") && !numbered(begin)
}

// numbered reports whether a line begins as an item of a numbered list does,
// with "1." or "a)".
func numbered(s string) bool {
	mark, _, found := strings.Cut(s, " ")
	if !found || len(mark) < 2 || len(mark) > 4 || !strings.ContainsAny(mark[len(mark)-1:], ".)") {
		return false
	}
	mark = mark[:len(mark)-1]
	if r, size := utf8.DecodeRuneInString(mark); size == len(mark) && unicode.IsLetter(r) {
		return true
	}
	return strings.Trim(mark, "0123456789") == ""
}
