package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "github.com/vecload/vecload/sinks/sqlite" // links the driver
)

// sqliteStore is a file, alone in its folder but for what vecload puts beside
// it. Nothing here uses vecload's own code.
type sqliteStore struct {
	folder string
	alias  bool
}

const sqliteName = "docs.db"

func newSQLiteStore(folder string, alias bool) (*sqliteStore, error) {
	return &sqliteStore{folder: folder, alias: alias}, os.MkdirAll(folder, 0o755)
}

func (s *sqliteStore) path() string { return filepath.Join(s.folder, sqliteName) }

func (s *sqliteStore) config() string { return fmt.Sprintf("sqlite: {path: %q}", s.path()) }

func (s *sqliteStore) close(context.Context) error { return nil }

func (s *sqliteStore) whole(ctx context.Context) (snapshot, error) {
	return s.read(ctx, s.path(), true)
}

func (s *sqliteStore) previous(ctx context.Context) (snapshot, bool, error) {
	path := s.path() + ".previous"
	if _, err := os.Stat(path); err != nil {
		return snapshot{}, false, nil //nolint:nilerr // there is none
	}
	out, err := s.read(ctx, path, true)
	return out, err == nil, err
}

func (s *sqliteStore) texts(ctx context.Context) (map[string]bool, error) {
	paths, err := filepath.Glob(s.path() + ".build-*")
	if err != nil {
		return nil, err
	}
	all := newSnapshot()
	for _, path := range append(paths, s.path()) {
		if strings.HasSuffix(path, "-wal") || strings.HasSuffix(path, "-shm") || strings.HasSuffix(path, "-journal") {
			continue
		}
		one, err := s.readCopy(ctx, path)
		if errors.Is(err, errNothing) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s after a kill: %w", path, err)
		}
		all.add(one)
	}
	return all.texts, nil
}

// readCopy reads a copy of a file and its log: whoever opens the file itself
// brings it in order, which is the next run's to do.
func (s *sqliteStore) readCopy(ctx context.Context, path string) (_ snapshot, err error) {
	folder, err := os.MkdirTemp(filepath.Dir(s.folder), "copy-")
	if err != nil {
		return snapshot{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	to := filepath.Join(folder, sqliteName)
	for _, suffix := range []string{"", "-wal", "-journal"} {
		content, err := os.ReadFile(path + suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := errors.Join(err, os.WriteFile(to+suffix, content, 0o600)); err != nil {
			return snapshot{}, err
		}
	}
	return s.read(ctx, to, false)
}

// open opens a file as any SQLite tool does.
func (s *sqliteStore) open(path string) (*sql.DB, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil, errNothing
	}
	if err != nil {
		return nil, err
	}
	return sql.Open("sqlite", "file:"+url.PathEscape(path)+"?mode=rw&_pragma=query_only(1)&_pragma=busy_timeout(5000)")
}

// read reads a file. Where ended is true, it is one that no run is at.
func (s *sqliteStore) read(ctx context.Context, path string, ended bool) (out snapshot, err error) {
	out = newSnapshot()
	db, err := s.open(path)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	var there int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = 'points'`).Scan(&there); err != nil {
		return out, err
	}
	if there == 0 {
		return out, errNothing
	}
	if ended {
		var lease, finished int
		err := db.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE key = 'lease'), count(*) FILTER (WHERE key = 'finished' AND value = 'true') FROM meta`).Scan(&lease, &finished)
		if err == nil && (lease != 0 || finished != 1) {
			err = fmt.Errorf("%s holds %d leases, and finished stands there %d times; want 0 and 1", path, lease, finished)
		}
		if err != nil {
			return out, err
		}
	}
	vectors, err := s.vectors(ctx, db, &out)
	if err != nil {
		return out, err
	}
	for _, v := range vectors {
		if err := s.readVector(ctx, db, v, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// sqliteVector is one of the vectors of an index.
type sqliteVector struct {
	id     int
	sparse bool
}

func (s *sqliteStore) vectors(ctx context.Context, db *sql.DB, into *snapshot) (all []sqliteVector, err error) {
	rows, err := db.QueryContext(ctx, `SELECT id, name, space,
		EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'sparse_' || vectors.id) FROM vectors ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var v sqliteVector
		var name, space string
		if err := rows.Scan(&v.id, &name, &space, &v.sparse); err != nil {
			return nil, err
		}
		into.about += name + " " + space + "\n"
		all = append(all, v)
	}
	return all, rows.Err()
}

func (s *sqliteStore) readVector(ctx context.Context, db *sql.DB, v sqliteVector, into *snapshot) (err error) {
	sparse, join := "''", ""
	if v.sparse {
		sparse, join = "ifnull(hex(s.weights) || hex(s.point), 'none')", fmt.Sprintf(" LEFT JOIN sparse_%d s ON s.row = p.row", v.id)
	}
	rows, err := db.QueryContext(ctx, fmt.Sprintf( //nolint:gosec // a number
		`SELECT hex(p.id), p.doc, p.text, p.chunk || '/' || p.chunks || ' ' || hex(p.made) || ' ' || hex(p.vec) || ' ' || %s, p.payload FROM points_%d p%s`,
		sparse, v.id, join))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id, doc, text, rest, payload string
		if err := rows.Scan(&id, &doc, &text, &rest, &payload); err != nil {
			return err
		}
		if _, twice := into.points[id]; twice {
			return fmt.Errorf("point %s is there twice", id)
		}
		into.points[id] = strings.Join([]string{doc, text, payload, rest}, " ")
		into.texts[text], into.of[id] = true, doc
	}
	return rows.Err()
}

// look opens the name anew, as a reader does that comes just now.
func (s *sqliteStore) look(ctx context.Context) (g glance, err error) {
	db, err := s.open(s.path())
	if err != nil {
		return g, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	err = db.QueryRowContext(ctx, `SELECT count(*), ifnull(sum(json_extract(payload, '$.edition') = ?), 0) FROM points`, today).Scan(&g.points, &g.today)
	return g, err
}

func (s *sqliteStore) leftovers(context.Context) ([]string, error) {
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return nil, err
	}
	wanted := []string{sqliteName}
	if s.alias {
		wanted = append(wanted, sqliteName+".previous")
	}
	var left []string
	for _, e := range entries {
		if !slices.Contains(wanted, e.Name()) {
			left = append(left, e.Name())
		}
	}
	return left, nil
}

// What can happen to the files.
const (
	fileMade      = "made"      // the index, or a build
	fileLogged    = "logged"    // has a log
	fileSwitching = "switching" // what readers use has its second name
	fileSwitched  = "switched"  // readers find another file
	fileKept      = "kept"      // the one from before has its name
)

func (s *sqliteStore) files() []string {
	if !s.alias {
		if _, err := os.Stat(s.path()); err == nil {
			return []string{fileLogged}
		}
		return []string{fileMade, fileLogged}
	}
	names := []string{fileSwitched}
	if _, err := os.Stat(s.path()); err == nil {
		names = append(names, fileSwitching, fileKept)
	}
	if _, err := os.Stat(s.path() + ".build-1"); err != nil {
		names = append(names, fileMade, fileLogged)
	}
	return names
}

// watch looks again and again, since what it looks for is over in some
// microseconds.
func (s *sqliteStore) watch(ctx context.Context, what string) error {
	stat := func(suffix string) fs.FileInfo {
		info, err := os.Stat(s.path() + suffix)
		if err != nil {
			return nil
		}
		return info
	}
	other := func(a, b fs.FileInfo) bool { return b != nil && (a == nil || !os.SameFile(a, b)) }
	name := ""
	if s.alias && (what == fileMade || what == fileLogged) {
		name = ".build-1"
	}
	if what == fileLogged {
		name += "-wal"
	}
	if what == fileSwitching {
		name = ".switching"
	}
	if what == fileKept {
		name = ".previous"
	}
	const often = 20 * time.Microsecond
	again := time.NewTicker(often)
	defer again.Stop()
	before := stat(name)
	for ctx.Err() == nil {
		if other(before, stat(name)) {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
	return ctx.Err()
}
