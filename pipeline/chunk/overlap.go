package chunk

import "strings"

// repeat returns where the chunk begins that follows the first n pieces of
// the window, when it repeats the end of them: the longest tail of whole
// sentences that is no more than the overlap and leaves room for next; a tail
// of words where the last sentence is longer. The chunk as a whole is not
// repeated.
func (p *packer) repeat(n int, next piece) (int, bool) {
	if p.overlap == 0 || next.tokens >= p.most {
		return 0, false
	}
	tails := p.tails(n, sentence)
	if len(tails) == 0 {
		tails = p.tails(n, grapheme)
	}
	if len(tails) == 0 {
		tails = p.wordTails(n)
	}
	end := p.window[n-1].end
	for i := len(tails) - 1; i >= 0; i = (i+1)/2 - 1 {
		tail := tails[i]
		if p.blank(p.begin, tail) || p.blank(tail, end) {
			continue // space around the chunk is no part of it
		}
		if p.tokens(tail, end) <= p.overlap && p.tokens(tail, next.end) <= p.most {
			return tail, true
		}
	}
	return 0, false
}

func (p *packer) blank(begin, end int) bool {
	return strings.TrimSpace(p.text[begin:end]) == ""
}

// tails returns where tails of the first n pieces begin that are no more
// than the overlap, the shortest first, at boundaries no lower than least.
func (p *packer) tails(n int, least boundary) []int {
	var tails []int
	sum := 0
	for i := n - 1; i > 0; i-- {
		if sum += p.window[i].tokens; sum > p.overlap {
			break
		}
		if before := p.window[i-1]; before.closes >= least {
			tails = append(tails, before.end)
		}
	}
	return tails
}

// wordTails returns the same within piece n, for one that is longer than the
// overlap: at its spaces, or at its words where it has none.
func (p *packer) wordTails(n int) []int {
	begin, end := p.begin, p.window[n-1].end
	if n > 1 {
		begin = p.window[n-2].end
	}
	for _, kind := range []boundary{gap, word} {
		var places []int
		for length := range units(p.text[begin:end], kind) {
			places = append(places, begin+length)
		}
		var tails []int
		sum := 0
		for i := len(places) - 1; i > 0; i-- {
			if sum += p.tokens(places[i-1], places[i]); sum > p.overlap {
				break
			}
			tails = append(tails, places[i-1])
		}
		if len(tails) > 0 {
			return tails
		}
	}
	return nil
}
