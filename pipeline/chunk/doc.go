// Package chunk cuts the text of a document into the chunks that are
// embedded: at paragraphs and sentences where it can, bounded in tokens, each
// chunk with some of the end of the one before it. It is pure: text in,
// pieces of the same text out.
//
// Boundaries of sentences, words and graphemes (what a reader takes for one
// character) are those of Unicode Standard Annex #29. What the annex leaves
// to tailoring is in lines.go: a single line break in running text is a
// space.
package chunk
