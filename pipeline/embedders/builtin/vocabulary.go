package builtin

import (
	_ "embed" // the vocabulary is part of the program
	"fmt"
	"strings"
)

//go:embed vocab.txt
var vocabularyText string

const (
	unknownToken = "[UNK]"
	// continuation marks, in the file, a piece that does not begin a word.
	continuation = "##"
	slotBits     = 17
	// The seeds keep "able" and "##able" apart without storing the marks.
	headSeed, tailSeed = 2166136261, 2166136261 ^ 0x5bd1e995
)

// vocabulary finds the longest piece at the beginning of some bytes. It is a
// hash table with linear probing, under half full.
type vocabulary struct {
	slots   []slot
	pieces  []string // by id, without continuation marks
	longest int      // bytes of the longest piece
	unknown uint16
}

// slot is empty where id is 0, the id of [PAD], which no word can contain.
type slot struct {
	hash uint32
	id   uint16
	tail bool
}

// parseVocabulary reads one token a line, the line number being the id.
func parseVocabulary(text string, rows int) (*vocabulary, error) {
	v := &vocabulary{slots: make([]slot, 1<<slotBits), pieces: make([]string, 0, rows)}
	for line := range strings.Lines(text) {
		token := strings.TrimSuffix(line, "\n")
		id := uint16(len(v.pieces))
		if token == unknownToken {
			v.unknown = id
		}
		piece, tail := strings.CutPrefix(token, continuation)
		if piece == "" {
			piece, tail = token, false
		}
		v.pieces = append(v.pieces, piece)
		v.longest = max(v.longest, len(piece))
		v.insert(slot{hash: hash(piece, tail), id: id, tail: tail})
	}
	if len(v.pieces) != rows || v.unknown == 0 || v.longest > maxPiece {
		return nil, fmt.Errorf("builtin: vocabulary of %d tokens does not fit a table of %d rows", len(v.pieces), rows)
	}
	return v, nil
}

func (v *vocabulary) insert(s slot) {
	at := place(s.hash)
	for v.slots[at].id != 0 {
		at = (at + 1) & (1<<slotBits - 1)
	}
	v.slots[at] = s
}

// find returns the id of a piece whose hash is known, or 0.
func (v *vocabulary) find(piece []byte, h uint32, tail bool) uint16 {
	for at := place(h); v.slots[at].id != 0; at = (at + 1) & (1<<slotBits - 1) {
		if s := v.slots[at]; s.hash == h && s.tail == tail && v.pieces[s.id] == string(piece) {
			return s.id
		}
	}
	return 0
}

// prefix returns the id and length of the longest piece that word begins
// with, or 0, 0. The hash of every prefix falls out of one pass.
func (v *vocabulary) prefix(word []byte, tail bool) (uint16, int) {
	var hashes [maxPiece + 1]uint32
	h := seed(tail)
	n := min(len(word), v.longest)
	for i, c := range word[:n] {
		h = step(h, c)
		hashes[i+1] = h
	}
	for ; n > 0; n-- {
		if id := v.find(word[:n], hashes[n], tail); id != 0 {
			return id, n
		}
	}
	return 0, 0
}

// maxPiece bounds the length of a piece in bytes.
const maxPiece = 32

func seed(tail bool) uint32 {
	if tail {
		return tailSeed
	}
	return headSeed
}

// step is one round of FNV-1a.
func step(h uint32, c byte) uint32 { return (h ^ uint32(c)) * 16777619 }

func hash(piece string, tail bool) uint32 {
	h := seed(tail)
	for i := range len(piece) {
		h = step(h, piece[i])
	}
	return h
}

// place spreads a hash over the slots; FNV leaves its best bits low, the
// multiplication moves them up.
func place(h uint32) uint32 { return (h * 2654435769) >> (32 - slotBits) }
