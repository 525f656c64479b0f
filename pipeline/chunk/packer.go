package chunk

import (
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// piece is a stretch of text that is not cut again. It begins where the one
// before it ends.
type piece struct {
	end    int
	tokens int
	closes boundary // what ends where it ends
}

// packer gathers pieces in a window until one more would be too much, cuts
// the window at its best place, and goes on with what is left of it. Sums of
// tokens over pieces only guide it, since a counter may count a whole as more
// or less than its parts: each chunk is measured before it leaves. The window
// holds about one chunk, whatever the length of the text.
type packer struct {
	text    string
	most    int
	overlap int
	count   pipeline.TokenCounter

	begin  int     // of the window
	window []piece // the first repeats the end of the last chunk, if repeats is 1
	// repeats is the number of pieces that an earlier chunk holds, 0 or 1.
	repeats int
	sum     int // of the window's tokens, piece by piece
	tried   int // number of times that the window was measured
	// The window of the first fits pieces had the given tokens where the
	// pieces had the given sum.
	fits, fitTokens, fitSum int

	chunks []string
}

// tokens counts the text between two places without the space around it.
func (p *packer) tokens(begin, end int) int {
	return p.count(strings.TrimSpace(p.text[begin:end]))
}

// take adds a unit of the text, in parts where the whole is too much. Each
// kind of unit is counted once, so that a text without a space costs no more
// than one with many.
func (p *packer) take(begin, end int, closes, kind boundary) {
	if p.blank(begin, end) {
		p.extend(end, closes)
		return
	}
	tokens := p.tokens(begin, end)
	if tokens > p.most && p.part(begin, end, closes, kind) {
		return
	}
	p.add(piece{end: end, tokens: tokens, closes: closes})
}

// part takes the parts of a unit: those of the coarsest finer kind that has
// several. It reports false for a single grapheme, which has none.
func (p *packer) part(begin, end int, closes, kind boundary) bool {
	for finer := kind; finer > grapheme; {
		finer--
		from := begin
		for length := range units(p.text[begin:end], finer) {
			to, inner := begin+length, finer
			if to == end {
				inner = closes
			}
			if from == begin && to == end {
				break // one unit, which a finer kind may part
			}
			p.take(from, to, inner, finer)
			from = to
		}
		if from == end {
			return true
		}
	}
	return false
}

// extend adds blank text to the last piece.
func (p *packer) extend(end int, closes boundary) {
	if len(p.window) == 0 {
		p.begin = end
		return
	}
	last := &p.window[len(p.window)-1]
	last.end, last.closes = end, max(last.closes, closes)
}

func (p *packer) add(next piece) {
	for !p.room(next) {
		p.cut(next)
	}
	p.window = append(p.window, next)
	p.sum += next.tokens
}

// room reports whether the window is expected to hold one more piece.
func (p *packer) room(next piece) bool {
	if len(p.window) == p.repeats {
		return true // what is repeated was chosen so that one piece fits
	}
	if p.expect(p.sum+next.tokens) <= p.most {
		return true
	}
	// A few measures bring the expectation near enough.
	const tries = 8
	if p.fits == len(p.window) || p.tried == tries || !p.measure(len(p.window)) {
		return false
	}
	return p.expect(p.sum+next.tokens) <= p.most
}

// expect scales a sum over pieces by what the window was last found to have.
func (p *packer) expect(sum int) int {
	if p.fitSum == 0 {
		return sum
	}
	return (sum*p.fitTokens + p.fitSum - 1) / p.fitSum
}

// measure reports whether the first n pieces of the window make a chunk that
// is not too large, and remembers it if so.
func (p *packer) measure(n int) bool {
	p.tried++
	tokens := p.tokens(p.begin, p.window[n-1].end)
	if tokens > p.most {
		return false
	}
	p.fits, p.fitTokens, p.fitSum = n, tokens, 0
	for i := range n {
		p.fitSum += p.window[i].tokens
	}
	return true
}

// cut makes a chunk of the front of the window. What follows it is the rest
// of the window, or next.
func (p *packer) cut(next piece) {
	n := p.best(p.largest())
	end := p.window[n-1].end
	p.chunks = append(p.chunks, strings.TrimSpace(p.text[p.begin:end]))

	rest := p.window[n:]
	if len(rest) > 0 {
		next = rest[0]
	}
	repeated, found := p.repeat(n, next)
	p.repeats, p.begin = 0, end
	if found {
		p.repeats, p.begin = 1, repeated
		tokens := p.tokens(repeated, end)
		p.window[n-1].tokens = tokens
		rest = p.window[n-1:]
	}
	p.window = p.window[:copy(p.window, rest)]
	p.sum, p.tried, p.fits, p.fitTokens, p.fitSum = 0, 0, 0, 0, 0
	for i := range p.window {
		p.sum += p.window[i].tokens
	}
}

// largest returns how many pieces of the window make the largest chunk: at
// least the first that no earlier chunk holds.
func (p *packer) largest() int {
	if p.fits == len(p.window) || p.measure(len(p.window)) {
		return len(p.window)
	}
	low, high := max(p.repeats+1, p.fits), len(p.window)
	for high-low > 1 {
		if middle := low + (high-low)/2; p.measure(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// best returns where among the first n pieces the window is cut: at the
// highest boundary that leaves the chunk at least half full, the last of
// equals.
func (p *packer) best(n int) int {
	sum := 0
	for i := range n {
		sum += p.window[i].tokens
	}
	best := n
	for i := n; i > p.repeats && 2*p.expect(sum) >= p.most; i-- {
		if p.window[i-1].closes > p.window[best-1].closes {
			best = i
		}
		sum -= p.window[i-1].tokens
	}
	if best < n && best > p.repeats+1 && !p.measure(best) {
		return n // a counter that counts a part as more than the whole
	}
	return best
}

// finish makes chunks of what is left and returns all chunks.
func (p *packer) finish() []string {
	for len(p.window) > p.repeats+1 && p.fits != len(p.window) && !p.measure(len(p.window)) {
		p.cut(piece{})
	}
	if len(p.window) > p.repeats {
		end := p.window[len(p.window)-1].end
		p.chunks = append(p.chunks, strings.TrimSpace(p.text[p.begin:end]))
	}
	return p.chunks
}
