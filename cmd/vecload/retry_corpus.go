package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/jsonl"
)

// rejectedCorpus yields the documents of a file of rejects.
type rejectedCorpus struct {
	corpus

	name string
	torn bool // the last line has no end
	show *progress
	held heldBy
}

// newRejectedCorpus opens a file that a [rejectsFile] has written.
func newRejectedCorpus(name string, show *progress) (*rejectedCorpus, error) {
	fail := func(what, hint string) (*rejectedCorpus, error) {
		return nil, &pipeline.Error{Op: name, Class: pipeline.Misconfigured, Hint: hint, Err: errors.New(what)}
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail("the file does not exist", "a run without rejects leaves no such file")
	case err != nil:
		return nil, &pipeline.Error{Op: name, Class: pipeline.Misconfigured, Err: err}
	case !info.Mode().IsRegular():
		return fail("is not a regular file", "name the file that vecload run has written rejects to")
	case !holdsRejects(name):
		return fail("does not hold the rejects of a run", "name the file that vecload run has written rejects to")
	}
	torn, err := endsEarly(name)
	if err != nil {
		return nil, &pipeline.Error{Op: name, Class: pipeline.Misconfigured, Err: err}
	}
	format := jsonl.Format()
	format.Extensions = []string{""} // whatever the file is called
	read, err := sources.NewCorpus(
		sources.Input{Files: []string{name}, Formats: []sources.Format{format}},
		sources.Mapping{
			ID: "document.id", Text: "document.text", Image: "document.image",
			Payload: []string{"document.payload", "file", "row", "reason", "hint", "retry", "held"},
		})
	if err != nil {
		return nil, err
	}
	return &rejectedCorpus{corpus: read, name: name, torn: torn, show: show}, nil
}

// endsEarly reports whether the last line of a file has no end, as that of a
// run that was killed while it wrote.
func endsEarly(name string) (bool, error) {
	file, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer file.Close() //nolint:errcheck // opened for reading
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil || size == 0 {
		return false, err
	}
	last := make([]byte, 1)
	_, err = file.ReadAt(last, size-1)
	return last[0] != '\n', err
}

// Documents implements [pipeline.Source]: each document as it was when it was
// rejected, with the place where it was read then. A last line that is not
// whole is passed over and told; any other line that is no reject ends the
// sequence, since what it was could not be kept.
func (r *rejectedCorpus) Documents(ctx context.Context) iter.Seq2[pipeline.Document, error] {
	return func(yield func(pipeline.Document, error) bool) {
		var strange error // of the line before; nil when that was a reject
		for doc, err := range r.corpus.Documents(ctx) {
			if strange != nil {
				yield(pipeline.Document{}, strange)
				return
			}
			if err != nil && pipeline.Classify(err) != pipeline.Rejected {
				yield(doc, err)
				return
			}
			ok, former := r.asItWas(&doc)
			if !ok {
				strange = noReject(doc.Origin, err)
				continue
			}
			if former != nil {
				err = former
			}
			if !yield(doc, err) {
				return
			}
		}
		switch {
		case strange == nil:
		case r.torn && ctx.Err() == nil:
			r.show.warn("The last line of %s is not whole: the run that wrote it was killed. Run the corpus again for its document.", r.name)
		default:
			yield(pipeline.Document{}, strange)
		}
	}
}

func noReject(origin pipeline.Origin, err error) error {
	failed := &pipeline.Error{
		Op: origin.String(), Class: pipeline.Misconfigured, Err: errors.New("the line is no reject"),
		Hint: "the file stays as it is; mend the line or take it out, and retry again",
	}
	if cause, ok := errors.AsType[*pipeline.Error](err); ok && cause.Err != nil {
		failed.Err = fmt.Errorf("%w: %w", failed.Err, cause.Err)
	}
	return failed
}

// formerError is the reason of a run for a record that is to be mended in the
// corpus.
type formerError struct{ reason string }

func (e *formerError) Error() string { return e.reason }

// former reports whether a rejection is one of the run before.
func former(err error) bool {
	_, ok := errors.AsType[*formerError](err)
	return ok
}

// asItWas makes of a line of rejects the document that was rejected, and
// returns the reason where it would be rejected again, or should be. It returns
// false of a line that is no reject.
func (r *rejectedCorpus) asItWas(doc *pipeline.Document) (isReject bool, former error) {
	var reason, hint string
	var origin pipeline.Origin
	hasPlace, hasReason := false, false
	var held []string
	fields, again := doc.Payload, true
	doc.Payload = nil
	for _, f := range fields {
		switch kind := f.Value.Kind(); {
		case f.Name == "document.payload" && kind == pipeline.KindObject:
			doc.Payload = f.Value.Object()
		case f.Name == "file" && kind == pipeline.KindString:
			origin.File, hasPlace = f.Value.Str(), true
		case f.Name == "row" && kind == pipeline.KindInt:
			origin.Row = f.Value.Int()
		case f.Name == "reason" && kind == pipeline.KindString:
			reason, hasReason = f.Value.Str(), true
		case f.Name == "hint" && kind == pipeline.KindString:
			hint = f.Value.Str()
		case f.Name == "retry" && kind == pipeline.KindBool:
			again = f.Value.Bool()
		case f.Name == "held" && kind == pipeline.KindList:
			for _, mark := range f.Value.List() {
				held = append(held, mark.Str())
			}
		}
	}
	if !hasPlace || !hasReason {
		return false, nil
	}
	doc.Origin = origin
	r.held.set(doc.ID, held)
	if again {
		return true, nil
	}
	return true, &pipeline.Error{Class: pipeline.Rejected, Hint: hint, Err: &formerError{reason}}
}
