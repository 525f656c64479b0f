// Package builtin is the embedding model inside the program: a table of 256
// numbers for each of the 30,522 WordPiece tokens of English BERT, distilled
// from sentence-transformers/all-MiniLM-L6-v2. It needs no network, no file
// and no C library.
//
// The vector of a text is the sum of its tokens' rows, brought to length 1:
//
//	text ── words ── tokens ── Σ rows ── ÷ length ── 256 float32
//
// Order and context of words are not seen. A text is never truncated: every
// token counts, however long the text is, and the cost grows with the length.
//
// The sum is made of integers, so a text has the same vector bit for bit
// whatever it is batched with and whatever machine computes it.
//
// The tokenizer is BERT's uncased one without special tokens: control
// characters go, ideographs stand alone, accents go, letters become small,
// punctuation is split off, and each word becomes the longest pieces that the
// vocabulary holds. What looks like a special token ("[CLS]") in a text is
// read as the text it is.
package builtin
