package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// defaultLockWait is longer than any transaction of ours, and short enough
// that somebody who watches learns why nothing moves.
const defaultLockWait = 10 * time.Second

// defaultLeaseTerm is how long the next run waits after one was killed; it is
// renewed three times within, and each time may wait for the lock.
const defaultLeaseTerm = time.Minute

// Options say where an index is.
type Options struct {
	// Path of the file. Its folder has to exist.
	Path string
	// LockWait is how long to wait for another process that writes; 0 means
	// ten seconds.
	LockWait time.Duration
	// CreatedBy is noted in a new file, such as "vecload 1.2.0".
	CreatedBy string
	// LeaseTerm is after how long a lease that is not renewed is dead; 0 means
	// a minute. All who write to a file use the same.
	LeaseTerm time.Duration
}

// Index is an index in one file. Its methods may be called from several
// goroutines at once.
type Index struct {
	options Options
	lot     int // see [recentRows]

	mu      sync.Mutex // guards what follows
	writer  *sql.DB    // one connection; nil until Prepare
	opened  opened     // what the writer has open
	reader  *sql.DB    // nil until the first search
	tables  tables
	recents map[string]*recent // by the names of the tables
	lease   string             // the token of the lease that this handle has or lost, "" where there is none
	closed  bool
}

var (
	_ pipeline.Index          = (*Index)(nil)
	_ pipeline.Searcher       = (*Index)(nil)
	_ pipeline.Refresher      = (*Index)(nil)
	_ pipeline.SparseSearcher = (*Index)(nil)
	_ pipeline.Leaser         = (*Index)(nil)
)

// New returns the index at options.Path and opens nothing: [Index.Prepare]
// opens the file for writing and creates it when it is missing, the methods
// of a [pipeline.Searcher] open it for reading and never create it.
func New(options Options) (*Index, error) {
	if options.Path == "" {
		return nil, &pipeline.Error{
			Op: "sqlite", Class: pipeline.Misconfigured,
			Hint: "name a file, such as vecload.db",
			Err:  errors.New("the index has no path"),
		}
	}
	if options.LockWait <= 0 {
		options.LockWait = defaultLockWait
	}
	if options.LeaseTerm <= 0 {
		options.LeaseTerm = defaultLeaseTerm
	}
	return &Index{options: options, lot: recentRows}, nil
}

// Close waits for what is under way, folds the log into the file and closes
// it. A second call does nothing. The index cannot be used afterwards.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	var errs []error
	x.closed = true
	// The writer is closed last, since the last connection that may write
	// folds the log into the file.
	if x.reader != nil {
		errs = append(errs, x.reader.Close())
		x.reader = nil
	}
	if x.writer != nil {
		errs = append(errs, x.writer.Close())
		x.writer = nil
	}
	return x.fail("close", errors.Join(errs...))
}

// Prepare implements [pipeline.Index]. It creates the file when it is
// missing; a file that SQLite or vecload did not make is refused, never
// overwritten.
func (x *Index) Prepare(ctx context.Context, spaces pipeline.Spaces) error {
	_, err := x.prepare(ctx, spaces, nil)
	return err
}

// prepare does it, and puts a note into an index that it makes; made tells
// whether it did.
func (x *Index) prepare(ctx context.Context, spaces pipeline.Spaces, note *buildNote) (made bool, err error) {
	if err := x.checkSpaces(spaces); err != nil {
		return false, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return false, x.fail("open", errClosed)
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if x.writer == nil {
		writer, err := x.openWriter(ctx)
		if err != nil {
			return false, err
		}
		x.writer = writer
		if err := x.opened.see(x.options.Path); err != nil {
			return false, x.fail("open", err)
		}
	}
	return x.stamp(ctx, spaces, note)
}

// Spaces implements [pipeline.Searcher].
func (x *Index) Spaces(ctx context.Context) (pipeline.Spaces, error) {
	_, of, err := x.reading(ctx)
	if err != nil {
		return nil, err
	}
	return of.spaces(), nil
}

// Count implements [pipeline.Searcher].
func (x *Index) Count(ctx context.Context) (int64, error) {
	reader, of, err := x.reading(ctx)
	if err != nil {
		return 0, err
	}
	var n int64
	if err := reader.QueryRowContext(ctx, of.countAll()).Scan(&n); err != nil {
		return 0, x.failContext(ctx, "count", err)
	}
	return n, nil
}

// writing returns what a Write needs.
func (x *Index) writing() (*sql.DB, tables, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.closed:
		return nil, nil, x.fail("write", errClosed)
	case x.writer == nil || len(x.tables) == 0:
		return nil, nil, x.fail("write", errors.New("the index was not prepared"))
	}
	return x.writer, x.tables, nil
}

// refreshing returns what the questions of a run need, which comes after
// Prepare: a handle for reading, beside the writer, and the table of a vector.
func (x *Index) refreshing(ctx context.Context, name string) (*sql.DB, table, error) {
	if err := ctx.Err(); err != nil {
		return nil, table{}, err
	}
	if _, _, err := x.writing(); err != nil {
		return nil, table{}, err
	}
	db, all, err := x.reading(ctx)
	if err != nil {
		return nil, table{}, err
	}
	of, err := x.vector(all, name)
	return db, of, err
}

// reading returns what a search needs, and opens the file at its first call.
func (x *Index) reading(ctx context.Context) (*sql.DB, tables, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return nil, nil, x.fail("read", errClosed)
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if x.reader == nil {
		reader, of, err := x.openReader(ctx)
		if err != nil {
			return nil, nil, err
		}
		x.reader, x.tables = reader, of
	}
	return x.reader, x.tables, nil
}
