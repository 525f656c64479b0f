package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"
)

const (
	// applicationID is "vecl"; it marks a database as ours, see
	// https://sqlite.org/pragma.html#pragma_application_id.
	applicationID = 0x7665636c
	// formatVersion counts the layouts of the tables, in user_version. Layout 1
	// had one vector, whose name stood nowhere; layout 2 did not know what its
	// points were made from; layout 3 had no room for the words of texts;
	// layout 4 had indexes of SQLite's own, and is written to as it is.
	formatVersion  = 5
	indexedVersion = 4

	// pageSize holds six points of 384 dimensions with a text of 600 bytes, or
	// three of 1,024. Of 8 KiB, which hold three or one, more are written, twice
	// each; 32 KiB are no faster, and take memory.
	pageSize = 16 << 10
	// checkpointPages bounds the log to 32 MiB.
	checkpointPages = 32 << 20 / pageSize
	// writerCacheKiB holds the inner pages of what many million points have;
	// points come behind each other, and leaves of ids in their order, from the
	// file cache of the system. A cached page takes up to 64 KiB, the unit of
	// the allocator under SQLite. Four times the cache was no faster and took
	// 18 MB.
	writerCacheKiB = 2 << 10
)

// layout has the tables that every index has.
const layout = `
CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT;
CREATE TABLE vectors (
	id    INTEGER PRIMARY KEY NOT NULL,
	name  TEXT    UNIQUE NOT NULL,
	space TEXT    NOT NULL,
	filed INTEGER NOT NULL DEFAULT 0,
	next  INTEGER NOT NULL DEFAULT 1
) STRICT;
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
		return x.missing()
	case id != applicationID:
		return x.problem("is an SQLite database, but not an index of vecload", notSQLiteHint)
	case version > formatVersion:
		return x.problem(fmt.Sprintf("has layout %d, and this vecload knows layouts up to %d", version, formatVersion),
			"use the vecload that wrote the file, or a newer one")
	case version > 0 && version < indexedVersion:
		return x.problem(fmt.Sprintf("has layout %d, of an earlier vecload, and this one writes layout %d", version, formatVersion),
			"index it again: delete the file, or choose another path, and run vecload run")
	case version < 1:
		return x.fail("open", errors.New("the file has no layout version"))
	}
	return nil
}
