package main

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources/jsonl"
)

// rejectsFile is the JSONL file that a run writes its rejects to, one object
// each, as they come. It is created with the first reject, so that a run
// without rejects leaves no file, and none of an earlier run. While it is
// written it is locked: no other run takes its place.
//
// Each line has "file", "row", "class", "reason", "hint" and "document": the
// id, text, image and payload as far as they could be read. "retry": false
// marks those that are to be mended in the corpus, see [hopeless]. "held" is
// what the index held in the document's place, see [heldMarks].
type rejectsFile struct {
	path    string
	own     []*os.File // that the program writes to anyway
	file    output     // nil while there is none
	whole   int64      // bytes of the file, all of whole lines
	line    []byte
	reasons reasons
	made    bool // the file is this run's, and nobody else's
}

// output is what lines are written to.
type output interface {
	Write(p []byte) (int, error)
	Close() error
}

// keptLine is the memory for a line that is kept for the next one, in bytes.
const keptLine = 1 << 20

func newRejectsFile(path string, p process) *rejectsFile {
	r := &rejectsFile{path: path}
	for _, w := range []io.Writer{p.stdout, p.stderr} {
		if file, ok := fileOf(w); ok {
			r.own = append(r.own, file)
		}
	}
	return r
}

// begin removes the rejects of an earlier run: their file would otherwise
// seem to be this run's. What is no plain file stays where it is, and is
// opened at once, so that a pipe nobody reads is told before the corpus is
// read.
func (r *rejectsFile) begin() error {
	r.reasons = reasons{}
	file, err := takePlace(r.path, r.own)
	if err != nil {
		return &pipeline.Error{Op: r.path, Class: pipeline.Misconfigured, Hint: "choose another file with --rejects", Err: err}
	}
	if file != nil {
		r.file, r.whole = file, 0
	}
	return nil
}

// write takes one reject. The engine calls it one at a time.
func (r *rejectsFile) write(rejection pipeline.Rejection) error {
	if r.file == nil {
		file, err := createLocked(r.path)
		if err != nil {
			return r.fail(err)
		}
		r.file, r.whole, r.made = file, 0, true
	}
	// A killed run has its rejects on disk: they are few, so that a call for
	// each costs little.
	r.line = append(appendReject(r.line[:0], rejection, jsonl.MaxLine), '\n')
	n, err := r.file.Write(r.line)
	if err != nil {
		r.cutTorn(n)
		return r.fail(err)
	}
	r.whole += int64(n)
	if cap(r.line) > keptLine {
		r.line = nil
	}
	r.reasons.add(rejection)
	return nil
}

// cutTorn removes the part of a line that a full disk still took.
func (r *rejectsFile) cutTorn(n int) {
	if file, ok := r.file.(interface{ Truncate(size int64) error }); ok && n > 0 {
		_ = file.Truncate(r.whole) // a reader passes over what is left of it
	}
}

func (r *rejectsFile) fail(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err // Op names the file
	}
	return &pipeline.Error{
		Op:    r.path,
		Class: pipeline.Fatal,
		Hint:  "a reject that cannot be written down would be lost, so the run stops; choose another file with --rejects",
		Err:   err,
	}
}

// close brings the file to the disk and closes it, if there is one.
func (r *rejectsFile) close() error {
	if r.file == nil {
		return nil
	}
	file := r.file
	r.file = nil
	if err := errors.Join(synced(file), file.Close()); err != nil {
		return r.fail(err)
	}
	return nil
}

// synced brings a plain file to the disk; nothing else can be.
func synced(file output) error {
	if plain, ok := file.(*lockedFile); ok {
		return plain.Sync()
	}
	return nil
}
