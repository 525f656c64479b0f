package imaging

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"runtime"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// Prepare decodes an image file in full and encodes it anew: turned as its
// Exif orientation says, on white where it is transparent, at most as large as
// [Options.Side] says, 8 bits each of red, green and blue, without metadata.
// Of an animation it is the first picture. The same file gives the same bytes.
//
// A file that is no image, is damaged, or breaks a limit is an error of class
// Rejected. It has no Op: the caller knows which document the image is of. A
// call whose context is done returns the context's error.
func (p *Preparer) Prepare(ctx context.Context, file string) (string, error) {
	kind, found, err := p.inspect(file)
	if err != nil {
		return "", reject(err)
	}
	width, height := p.target(found.Width, found.Height)
	cost := min(cost(found, width), p.options.Memory)
	if err := p.memory.Acquire(ctx, cost); err != nil {
		return "", context.Cause(ctx)
	}
	defer p.memory.Release(cost)
	decoded, err := decode(ctx, kind, file)
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		return "", reject(fmt.Errorf("the %s image cannot be decoded: %w", kind.name, err))
	}
	canvas := image.Rect(0, 0, found.Width, found.Height)
	if !decoded.Bounds().In(canvas) {
		return "", reject(fmt.Errorf("the %s image is larger than its header says", kind.name))
	}
	upright := orient(flatten(decoded, canvas, width, height), found.orientation)
	var out strings.Builder
	if p.options.Encoding == PNG {
		err = p.png.Encode(&out, upright)
	} else {
		err = jpeg.Encode(&out, upright, &p.jpeg)
	}
	if err != nil {
		return "", reject(fmt.Errorf("the image cannot be encoded: %w", err))
	}
	return out.String(), nil
}

// inspect looks at the head of a file and checks the limits.
func (p *Preparer) inspect(file string) (kind format, found header, err error) {
	defer guard(&err)
	if len(file) > p.options.MaxBytes {
		return kind, found, fmt.Errorf("the image has %d bytes, %d are allowed", len(file), p.options.MaxBytes)
	}
	if kind, err = formatOf(file); err != nil {
		return kind, found, err
	}
	if found, err = kind.inspect(file); err != nil {
		return kind, found, fmt.Errorf("the %s image cannot be decoded: %w", kind.name, early(err))
	}
	switch w, h := found.Width, found.Height; {
	case w < MinSide || h < MinSide:
		err = fmt.Errorf("the image has %d×%d pixels, %d×%d is the least", w, h, MinSide, MinSide)
	case w > MaxSide || h > MaxSide:
		err = fmt.Errorf("the image has %d×%d pixels, no side may have more than %d", w, h, MaxSide)
	case w*h > p.options.MaxPixels:
		err = fmt.Errorf("the image has %d×%d pixels, %d in all are allowed", w, h, p.options.MaxPixels)
	}
	return kind, found, err
}

func decode(ctx context.Context, kind format, file string) (decoded image.Image, err error) {
	defer guard(&err)
	decoded, err = kind.decode(newReader(file, ctx.Err))
	return decoded, early(err)
}

// guard turns a panic of a decoder into an error. What a panic says may hold
// what was read, so only the runtime's own is told.
func guard(err *error) {
	cause := recover()
	if cause == nil {
		return
	}
	*err = errors.New("its decoder gave up")
	if known, ok := cause.(runtime.Error); ok {
		*err = fmt.Errorf("its decoder gave up (%w)", known)
	}
}

// early says in words that a file ends too early.
func early(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file ends too early")
	}
	return err
}

func reject(err error) error { return &pipeline.Error{Class: pipeline.Rejected, Err: err} }
