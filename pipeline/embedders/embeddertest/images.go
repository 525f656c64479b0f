package embeddertest

import (
	"context"
	"slices"

	"github.com/vecload/vecload/pipeline"
)

// Picture returns what stands for an image in tests: the signature of a PNG
// file with the text behind it. Clients look at the signature, stub servers at
// nothing.
func Picture(text string) string { return "\x89PNG\r\n\x1a\n" + text }

// Pictures returns an embedder of texts over one of images, so that the
// contract can be run: it makes a Picture of each text and sends at most most
// in a call.
func Pictures(e pipeline.Embedder, most int) pipeline.Embedder {
	return pictures{inner: e, most: most}
}

type pictures struct {
	inner pipeline.Embedder
	most  int
}

func (p pictures) Embed(ctx context.Context, texts []string) (pipeline.Vectors, error) {
	var all pipeline.Vectors
	for part := range slices.Chunk(texts, p.most) {
		images := make([]string, 0, len(part))
		for _, text := range part {
			images = append(images, Picture(text))
		}
		v, err := p.inner.Embed(ctx, images)
		if err != nil {
			return pipeline.Vectors{}, err
		}
		all.Dim, all.Data = v.Dim, append(all.Data, v.Data...)
	}
	return all, nil
}
