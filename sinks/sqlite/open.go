package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
)

// magic begins every SQLite database, see section 1.3 of
// https://sqlite.org/fileformat2.html.
const magic = "SQLite format 3\x00"

const (
	notSQLiteHint = "vecload does not overwrite a file that it did not make; choose another path for the index"
	noIndexHint   = "run vecload run first, or name the file of an index"
	damagedHint   = "the file is damaged; restore a copy, or delete it and build the index again"
)

// fileKind is what a first look at the file's bytes tells.
type fileKind uint8

const (
	fileMissing fileKind = iota
	fileEmpty
	fileSQLite
)

// openWriter opens the file for writing, creates it when it is missing, and
// makes sure that it is ours.
func (x *Index) openWriter(ctx context.Context) (*sql.DB, error) {
	kind, err := x.look()
	if err != nil {
		return nil, err
	}
	if kind == fileMissing {
		err = x.checkFolder()
	} else {
		err = x.checkWritable()
	}
	if err != nil {
		return nil, err
	}
	db, err := x.open(url.Values{"mode": {"rwc"}}, []string{
		"page_size(" + strconv.Itoa(pageSize) + ")", // of a new file; an old one keeps its own
		"synchronous(FULL)",
		"wal_autocheckpoint(" + strconv.Itoa(checkpointPages) + ")",
		"cache_size(" + strconv.Itoa(-writerCacheKiB) + ")",
	})
	if err != nil {
		return nil, x.fail("open", err)
	}
	db.SetMaxOpenConns(1)
	if err := x.migrate(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// openReader opens a file that exists, for reading only.
func (x *Index) openReader(ctx context.Context) (*sql.DB, tables, error) {
	kind, err := x.look()
	if err != nil {
		return nil, nil, err
	}
	if kind != fileSQLite {
		return nil, nil, x.missing()
	}
	// A reader that might write takes its log away with it; one that may not
	// leaves two files beside the database for good.
	db, of, err := x.openAs(ctx, url.Values{"mode": {"rw"}, "_pragma": {"query_only(1)"}})
	if readOnly(err) {
		db, of, err = x.openAs(ctx, url.Values{"mode": {"ro"}})
	}
	if readOnly(err) && !x.hasLog() {
		// Even readers need to make files beside the database, unless it is
		// promised not to change: then an index in an image or on a medium
		// that nobody can write to is searched too.
		db, of, err = x.openAs(ctx, url.Values{"mode": {"ro"}, "immutable": {"1"}})
	}
	return db, of, err
}

func (x *Index) openAs(ctx context.Context, parameters url.Values) (*sql.DB, tables, error) {
	db, err := x.open(parameters, nil)
	if err != nil {
		return nil, nil, x.fail("open", err)
	}
	of, err := x.readTables(ctx, db)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, of, nil
}

// hasLog reports whether the file has a log that was not folded into it.
func (x *Index) hasLog() bool {
	info, err := os.Stat(x.options.Path + "-wal")
	return err == nil && info.Size() > 0
}

// open makes a handle; SQLite touches the file at the first statement.
func (x *Index) open(query url.Values, pragmas []string) (*sql.DB, error) {
	path, err := filepath.Abs(x.options.Path)
	if err != nil {
		return nil, err
	}
	// An absolute path with its special characters escaped: names such as
	// ":memory:" and "what?.db" are files like any other.
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	query.Set("_txlock", "immediate")
	// Short, since begin waits on its own, where its context is heard.
	query.Add("_pragma", "busy_timeout(100)")
	for _, p := range pragmas {
		query.Add("_pragma", p)
	}
	name.RawQuery = query.Encode()
	return sql.Open("sqlite", name.String())
}

// look reads the first bytes of the file without SQLite, which would take a
// file of zeros or an empty one for a database.
func (x *Index) look() (fileKind, error) {
	f, err := os.Open(x.options.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return fileMissing, nil
	}
	if err != nil {
		return fileMissing, x.fail("open", err)
	}
	defer f.Close() //nolint:errcheck // opened for reading; nothing can be lost
	info, err := f.Stat()
	switch {
	case err != nil:
		return fileMissing, x.fail("open", err)
	case !info.Mode().IsRegular():
		return fileMissing, x.problem("is not a regular file", "name a file for the index, such as vecload.db")
	case info.Size() == 0:
		return fileEmpty, nil
	}
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(f, head); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fileMissing, x.fail("read", err)
	}
	if string(head) != magic {
		return fileMissing, x.problem("is not an SQLite database", notSQLiteHint)
	}
	return fileSQLite, nil
}

// checkWritable finds out before the first Write what SQLite would say at it.
func (x *Index) checkWritable() error {
	f, err := os.OpenFile(x.options.Path, os.O_RDWR, 0)
	if err != nil {
		return x.fail("open", err)
	}
	return x.fail("open", f.Close())
}

// checkFolder tells a missing folder apart from the many other reasons for
// which SQLite cannot open a file.
func (x *Index) checkFolder() error {
	folder := filepath.Dir(x.options.Path)
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return x.problem("the folder "+folder+" does not exist", "create the folder, or choose another path for the index")
	case err != nil:
		return x.fail("open", err)
	case !info.IsDir():
		return x.problem(folder+" is not a folder", "choose another path for the index")
	}
	return nil
}
