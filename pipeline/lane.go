package pipeline

import (
	"context"
	"errors"
	"fmt"
)

// Lane is one vector of the documents: what it is made of, who makes it, and
// how much is under way. A run has a lane for each named vector of its index,
// and a lane has everything for itself, so that a slow model holds up no
// other's requests.
type Lane struct {
	// Vector is the name of the vector in the index. Names are distinct within
	// a run, not empty, and hold no NUL.
	Vector string
	// Embedder makes the vectors: of texts or, where Image is set, of images.
	Embedder Embedder
	// Space is that of the embedder's vectors; the index was prepared for it.
	Space  Space
	Limits Limits

	// Image makes a lane of images: it returns what the embedder takes of an
	// image, the bytes of an image file as a string. An error of class
	// Rejected refuses the document; any other ends the run. It is called
	// from several goroutines at once. Without it the lane is one of texts.
	Image func(ctx context.Context, image Image, origin Origin) (string, error)
	// Digest identifies an image, by its bytes where that is cheap; images of
	// one digest have one vector. An error of class Rejected is left to Image.
	// Optional: without it the digest is of the bytes or the name in the
	// record.
	Digest func(ctx context.Context, image Image, origin Origin) (Digest, error)
	// Split cuts a text into the chunks that are embedded, none of them
	// empty. Optional: without it every text is one chunk.
	Split func(text string) []string
	// Sparse makes the sparse vector that stands beside that of a chunk, of its
	// text. It is there where Space.Sparse says so, for lanes of texts only,
	// and is called from several goroutines at once.
	Sparse func(text string) Sparse
	// CountTokens counts what batches of texts are measured by. It is asked for
	// the first texts and then for some, by which those of the others are told.
	// Optional: without it tokens are estimated.
	CountTokens TokenCounter
	// Bounds is asked for each batch. Optional.
	Bounds Bounds
	// Counters are told the points of this lane that the index took, and
	// nothing else; [Pipeline.Counters] count those of all lanes. Optional.
	Counters *Counters
}

// validateLanes says what is wrong with the lanes of a run.
func validateLanes(lanes []Lane) error {
	if len(lanes) == 0 {
		return errors.New("lanes: at least 1")
	}
	names := map[string]bool{}
	for i := range lanes {
		name := lanes[i].Vector
		if name == "" || names[name] {
			return fmt.Errorf("lanes: %q names no vector, or two", name)
		}
		names[name] = true
		if sparse := lanes[i].Sparse != nil; sparse != (lanes[i].Space.Sparse != "") || sparse && lanes[i].Image != nil {
			return fmt.Errorf("lane %s: sparse vectors are made of texts, where the space has them", name)
		}
		if err := lanes[i].Limits.validate(); err != nil {
			return fmt.Errorf("lane %s: %w", name, err)
		}
	}
	return nil
}

// chunks appends the lane's chunks of a document: none where it has nothing
// for this lane. The caller sets whose they are.
func (l *Lane) chunks(dst []Chunk, doc *Document, blank bool) ([]Chunk, error) {
	switch {
	case l.Image != nil:
		if doc.Image.IsZero() {
			return dst, nil
		}
		return append(dst, Chunk{Index: 0, Count: 1, Image: true}), nil
	case blank:
		return dst, nil
	case l.Split == nil:
		return append(dst, Chunk{Index: 0, Count: 1, Text: doc.Text}), nil
	}
	texts := l.Split(doc.Text)
	for i, text := range texts {
		if text == "" {
			return dst, errors.New("the text is cut into pieces of which one is empty")
		}
		dst = append(dst, Chunk{Index: i, Count: len(texts), Text: text})
	}
	return dst, nil // none, where the text has nothing that can be split off
}

// sparse makes the sparse vector of a chunk, where the lane has them.
func (l *Lane) sparse(c *Chunk) Sparse {
	if l.Sparse == nil {
		return Sparse{}
	}
	return l.Sparse(c.Text)
}

// digest identifies what a chunk is embedded from.
func (l *Lane) digest(ctx context.Context, d *digester, c *Chunk) (Digest, error) {
	switch {
	case !c.Image:
		return d.text(c.Text), nil
	case l.Digest != nil:
		return l.Digest(ctx, c.Doc.Image, c.Doc.Origin)
	}
	return DigestText(c.Doc.Image.Data + c.Doc.Image.Ref), nil
}

// missing says what a document lacks that has nothing for any lane.
func missing(lanes []Lane) error {
	texts, images := false, false
	for i := range lanes {
		texts = texts || lanes[i].Image == nil
		images = images || lanes[i].Image != nil
	}
	switch {
	case texts && images:
		return errors.New("there is neither a text nor an image")
	case images:
		return errors.New("there is no image")
	}
	return errors.New("the text is empty")
}
