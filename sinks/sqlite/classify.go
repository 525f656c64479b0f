package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/vecload/vecload/pipeline"
)

var errClosed = errors.New("the index is closed")

// failContext is fail, except that a context that is done goes first: an
// interrupted statement is no failure of the file.
func (x *Index) failContext(ctx context.Context, verb string, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return x.fail(verb, err)
}

// fail gives err its class and its hint, once. A nil err stays nil.
func (x *Index) fail(verb string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*pipeline.Error](err); ok {
		return e
	}
	class, hint := classify(err)
	return &pipeline.Error{Op: verb + " " + x.options.Path, Class: class, Hint: hint, Err: err}
}

// problem is an error of class Misconfigured about the file.
func (x *Index) problem(what, hint string) error {
	return &pipeline.Error{
		Op: x.options.Path, Class: pipeline.Misconfigured, Hint: hint, Err: errors.New(what),
	}
}

// missing says that there is no index to look into.
func (x *Index) missing() error {
	return &pipeline.Error{Op: x.options.Path, Class: pipeline.Misconfigured, Hint: noIndexHint, Err: pipeline.ErrNoIndex}
}

// classify reads the result codes of https://sqlite.org/rescode.html, whose
// low byte is the primary code, and the errors of the operating system.
func classify(err error) (pipeline.Class, string) {
	const (
		full    = "free some space on the disk and run the same command again; what was written is safe"
		noRight = "vecload has no right to the file; it reads it to search, and writes it and its folder to index"
	)
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		if e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE { // the log's index could not grow
			return pipeline.Fatal, full
		}
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			return pipeline.Transient, "another process is writing to the file; wait until it has finished"
		case sqlite3.SQLITE_FULL:
			return pipeline.Fatal, full
		case sqlite3.SQLITE_CORRUPT:
			return pipeline.Fatal, damagedHint
		case sqlite3.SQLITE_NOTADB:
			return pipeline.Misconfigured, notSQLiteHint
		case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
			return pipeline.Misconfigured, noRight
		case sqlite3.SQLITE_CANTOPEN:
			return pipeline.Misconfigured, "the file cannot be opened; look at its folder and at its permissions"
		case sqlite3.SQLITE_IOERR:
			return pipeline.Fatal, "the disk reports an error; look at the system's log"
		}
		return pipeline.Fatal, ""
	}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return pipeline.Fatal, full
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return pipeline.Misconfigured, noRight
	}
	return pipeline.Fatal, ""
}

// readOnly reports whether SQLite wanted to write where it must not.
func readOnly(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code()&0xff == sqlite3.SQLITE_READONLY || e.Code()&0xff == sqlite3.SQLITE_CANTOPEN)
}

// busy reports whether another connection holds the lock that err wanted.
func busy(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_BUSY
}
