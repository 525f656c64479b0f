package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/vecload/vecload/pipeline"
)

const (
	// applicationID is "vecl"; it marks a database as ours, see
	// https://sqlite.org/pragma.html#pragma_application_id.
	applicationID = 0x7665636c
	// formatVersion counts the layouts of the tables, in user_version.
	formatVersion = 1

	// pageSize holds three points of 384 dimensions with a text of 400 bytes.
	// SQLite's own 4 KiB hold one and leave half the page empty, which made
	// writing a third slower.
	pageSize = 8 << 10
	// checkpointPages bounds the log to 32 MiB.
	checkpointPages = 32 << 20 / pageSize
	// writerCacheKiB holds the inner pages of the indexes over many million
	// ids; leaves come from the file cache of the system. A cached page takes
	// 22 KiB, since the allocator under SQLite has room for three in 64 KiB.
	// Eight times the cache made loading no faster and took 170 MB.
	writerCacheKiB = 8 << 10
)

// layout has the tables of version 1. The vector stands before the columns
// of unknown length, so that a scan of vectors seldom leaves a row's first
// page. The rows are kept in the order of their coming (a rowid table): ids
// are hashes, and rows sorted by them would be written all over the file.
const layout = `
CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT;
CREATE TABLE points (
	id      BLOB    PRIMARY KEY NOT NULL CHECK (length(id) = 16),
	vec     BLOB    NOT NULL,
	doc     TEXT    NOT NULL,
	chunk   INTEGER NOT NULL,
	chunks  INTEGER NOT NULL,
	text    TEXT    NOT NULL,
	payload TEXT    NOT NULL
) STRICT;
CREATE INDEX points_doc ON points (doc, chunk);
`

// migrate makes the tables in a new file and refuses one that is not ours.
func (x *Index) migrate(ctx context.Context, db *sql.DB) error {
	if err := x.retryBusy(ctx, func() error { return x.checkOwner(ctx, db, true) }); err != nil {
		return err
	}
	// The mode is kept in the file. It is set after the look at the owner, so
	// that a database of somebody else stays as it is.
	if err := x.retryBusy(ctx, func() error {
		_, err := db.ExecContext(ctx, `PRAGMA journal_mode = WAL`)
		return err
	}); err != nil {
		return x.failContext(ctx, "open", err)
	}
	tx, err := x.begin(ctx, db)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	var tables int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
		return x.failContext(ctx, "read", err)
	}
	if tables > 0 {
		return nil
	}
	statements := layout +
		"PRAGMA application_id = " + strconv.Itoa(applicationID) + ";\n" +
		"PRAGMA user_version = " + strconv.Itoa(formatVersion) + ";"
	if _, err := tx.ExecContext(ctx, statements); err != nil {
		return x.failContext(ctx, "create tables in", err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO meta VALUES ('created_by', ?), ('created_at', ?)`,
		x.options.CreatedBy, time.Now().UTC().Format(time.RFC3339)); err != nil {
		return x.failContext(ctx, "create tables in", err)
	}
	return x.failContext(ctx, "create", tx.Commit())
}

// checkOwner refuses a database that is not an index of ours. One without
// any table is nobody's yet, and accepted only where emptyOK is true.
func (x *Index) checkOwner(ctx context.Context, db *sql.DB, emptyOK bool) error {
	var id, version int64
	var tables int
	row := db.QueryRowContext(ctx, `SELECT
		(SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version),
		(SELECT count(*) FROM sqlite_schema)`)
	if err := row.Scan(&id, &version, &tables); err != nil {
		return x.failContext(ctx, "open", err)
	}
	switch {
	case id == 0 && tables == 0 && emptyOK:
		return nil
	case id == 0 && tables == 0:
		return x.problem("there is no index", noIndexHint)
	case id != applicationID:
		return x.problem("is an SQLite database, but not an index of vecload", notSQLiteHint)
	case version > formatVersion:
		return x.problem(fmt.Sprintf("has layout %d, and this vecload knows layouts up to %d", version, formatVersion),
			"use the vecload that wrote the file, or a newer one")
	case version < 1:
		return x.fail("open", errors.New("the file has no layout version"))
	}
	return nil
}

// stamp writes the space into a new index and compares it with that of an
// old one. The lock is held for both, so that of two processes one comes
// second.
func (x *Index) stamp(ctx context.Context, space pipeline.Space) error {
	tx, err := x.begin(ctx, x.writer)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	old, found, err := x.querySpace(ctx, tx)
	if err != nil {
		return err
	}
	if found {
		if differences := old.Differences(space); len(differences) > 0 {
			return x.problem("the index holds another space: "+strings.Join(differences, "; "),
				"use the model that made the index, choose another path, or delete the file to build it again")
		}
		x.space = old
		return nil
	}
	text, err := json.Marshal(space)
	if err != nil {
		return x.fail("stamp", err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO meta VALUES ('space', ?)`, string(text)); err != nil {
		return x.failContext(ctx, "stamp", err)
	}
	if err := tx.Commit(); err != nil {
		return x.failContext(ctx, "stamp", err)
	}
	x.space = space
	return nil
}

// readSpace checks the owner and returns the stamp of an index.
func (x *Index) readSpace(ctx context.Context, db *sql.DB) (pipeline.Space, error) {
	if err := x.checkOwner(ctx, db, false); err != nil {
		return pipeline.Space{}, err
	}
	space, found, err := x.querySpace(ctx, db)
	if err == nil && !found {
		err = x.problem("the index has no space yet", noIndexHint)
	}
	return space, err
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func (x *Index) querySpace(ctx context.Context, db querier) (pipeline.Space, bool, error) {
	var text string
	err := db.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'space'`).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return pipeline.Space{}, false, nil
	}
	if err != nil {
		return pipeline.Space{}, false, x.failContext(ctx, "read the stamp of", err)
	}
	var space pipeline.Space
	if err := json.Unmarshal([]byte(text), &space); err != nil {
		return pipeline.Space{}, false, x.fail("read the stamp of", err)
	}
	if space.Dim <= 0 {
		return pipeline.Space{}, false, x.fail("read the stamp of", errors.New("the space has no dimension"))
	}
	return space, true, nil
}
