package main

import (
	"context"
	"runtime"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/chunk"
	"github.com/vecload/vecload/pipeline/imaging"
	"github.com/vecload/vecload/sources/images"
)

// lane is what makes one vector of the documents: its part of the
// configuration, in the assembly of all.
type lane struct {
	assembly
	configs.Lane

	counters *pipeline.Counters // of its requests and points
}

// lanes are the vectors that the configuration gives a document.
func (a assembly) lanes() []lane {
	var all []lane
	for _, one := range a.config.Lanes() {
		all = append(all, lane{assembly: a, Lane: one, counters: a.meters.lane(one.Vector)})
	}
	return all
}

// ofImages reports whether the lane makes its vectors of images.
func (l lane) ofImages() bool { return l.Embed.Input == configs.InputImage }

// pipeline makes the engine's lane. release gives back what it holds.
func (l lane) pipeline(m model) (out pipeline.Lane, release func(), err error) {
	out = pipeline.Lane{
		Vector: l.Vector, Embedder: m, Space: m.space, Limits: l.limits(), Bounds: m.bounds, CountTokens: l.batchCounter(m.count),
		Counters: l.counters,
	}
	if !l.ofImages() {
		out.Split = l.splitter(m.count)
		if m.words != nil {
			out.Sparse = m.words.Document
		}
		return out, func() {}, nil
	}
	err = l.images(&out, &release)
	return out, release, err
}

// limits bounds the lane by what the configuration says.
func (l lane) limits() pipeline.Limits {
	limits := pipeline.Limits{
		Texts:    l.Embed.Batch.Texts,
		Tokens:   l.Embed.Batch.Tokens,
		Bytes:    int(l.Embed.Batch.Bytes),
		Window:   batchWindow(l.Embed.InFlight),
		InFlight: underWay(l.inFlight()),
	}
	switch {
	case l.Embed.Model == configs.Builtin:
		limits.InFlight = l.inFlight() // none waits for an answer
		// Nothing is filled up either, so that the order may stay.
		limits.Tokens, limits.Window = 0, 1
	case l.ofImages():
		limits.Window = 1 // images have no length that is filled up
	}
	return limits
}

// inFlight is how many requests there are at once at most. To the model inside
// the program there are none: more than one batch a core only holds memory.
func (l lane) inFlight() int {
	if l.Embed.Model == configs.Builtin {
		return min(l.Embed.InFlight, runtime.GOMAXPROCS(0))
	}
	return l.Embed.InFlight
}

// splitter cuts texts as the configuration says; nil leaves them whole.
func (l lane) splitter(count pipeline.TokenCounter) func(string) []string {
	if l.config.Chunk == nil {
		return nil
	}
	if count == nil {
		count = pipeline.EstimateTokens
	}
	return chunk.Splitter{MaxTokens: l.config.Chunk.MaxTokens, Overlap: l.config.Chunk.Overlap, Count: count}.Split
}

// images gives the engine's lane what reads the image of a document, what
// makes of it what any server takes, and what tells whether it is another. The
// image behind an address is told by the address: it is not fetched to see
// whether it has changed.
func (l lane) images(out *pipeline.Lane, release *func()) error {
	loader, err := images.New(images.Options{Folder: l.config.Source.ImageFolder, URLs: l.config.Source.ImageURLs})
	if err != nil {
		return err
	}
	preparer, err := imaging.New(imaging.Options{})
	if err != nil {
		return err
	}
	*release = loader.Close
	out.Image = func(ctx context.Context, image pipeline.Image, origin pipeline.Origin) (string, error) {
		file, err := loader.Load(ctx, image, origin)
		if err != nil {
			return "", err
		}
		file, err = preparer.Prepare(ctx, file)
		if err != nil && ctx.Err() == nil {
			err = &pipeline.Error{Op: origin.String(), Class: pipeline.Classify(err), Hint: pipeline.Hint(err), Err: images.Named(image, err)}
		}
		return file, err
	}
	out.Digest = func(ctx context.Context, image pipeline.Image, origin pipeline.Origin) (pipeline.Digest, error) {
		if images.IsAddress(image.Ref) {
			return pipeline.DigestText(image.Ref), nil
		}
		file, err := loader.Load(ctx, image, origin)
		return pipeline.DigestText(file), err
	}
	return nil
}
