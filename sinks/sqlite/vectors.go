package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// table holds the points of one vector. Each vector has a table of its own, so
// that a search by one reads no page of the others. With two vectors, a scan of
// one takes two thirds of the time that it takes in a table of both, from a
// file cache that holds all, and half where the disk is read; writing takes as
// long.
type table struct {
	id     int64
	name   string
	sparse string // the table of the sparse vectors; "" where there are none
	keys   string // the table of what a later run asks for; "" in layout 4
	ids    string // the index of the ids; "" in layout 4
	space  pipeline.Space
}

// tables are those of an index, by the names of their vectors.
type tables map[string]table

func newTable(id int64, space pipeline.Space, version int64) table {
	number := strconv.FormatInt(id, 10)
	t := table{id: id, name: tableName(id), space: space}
	if space.Sparse != "" {
		t.sparse = "sparse_" + number
	}
	if version > indexedVersion {
		t.keys, t.ids = "keys_"+number, "ids_"+number
	}
	return t
}

func tableName(id int64) string { return "points_" + strconv.FormatInt(id, 10) }

func (t tables) spaces() pipeline.Spaces {
	spaces := make(pipeline.Spaces, len(t))
	for name, of := range t {
		spaces[name] = of.space
	}
	return spaces
}

// points is the statement that makes a vector's table. The vector stands
// before the columns of unknown length, so that a scan of vectors seldom
// leaves a row's first page. The rows are kept in the order of their coming (a
// rowid table): ids are hashes, and rows sorted by them would be written all
// over the file. The number of a row has a column, so that VACUUM keeps it.
//
// The table keys has, in the same order, all that a later run asks for (see
// [Index.Stored]). With 384 dimensions and texts of 400 bytes it is 2.6 % of
// the file, and asking reads no more of it: that is what counts when the file
// is larger than the memory. The table ids is the index by which a row is
// found. Points are put into it in lots (see [recent]), where an index of
// SQLite's own would have another of its pages written for each point.
func (t table) points() string {
	return `
CREATE TABLE ` + t.name + ` (
	row     INTEGER PRIMARY KEY NOT NULL,
	id      BLOB    NOT NULL CHECK (length(id) = 16),
	made    BLOB    NOT NULL CHECK (length(made) = 32),
	chunk   INTEGER NOT NULL,
	chunks  INTEGER NOT NULL,
	vec     BLOB    NOT NULL,
	doc     TEXT    NOT NULL,
	text    TEXT    NOT NULL,
	payload TEXT    NOT NULL
) STRICT;
CREATE TABLE ` + t.keys + ` (
	row    INTEGER PRIMARY KEY NOT NULL,
	id     BLOB    NOT NULL,
	made   BLOB    NOT NULL,
	chunks INTEGER NOT NULL
) STRICT;
CREATE TABLE ` + t.ids + ` (
	id  BLOB    PRIMARY KEY NOT NULL,
	row INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER ` + t.name + `_gone AFTER DELETE ON ` + t.name + ` BEGIN
	DELETE FROM ` + t.keys + ` WHERE row = old.row;
	DELETE FROM ` + t.ids + ` WHERE id = old.id AND row = old.row;
END;
CREATE TRIGGER ` + t.name + `_made AFTER UPDATE OF made, chunks ON ` + t.name + ` BEGIN
	UPDATE ` + t.keys + ` SET made = new.made, chunks = new.chunks WHERE row = new.row;
END;
` + t.sparseTable()
}

// checkSpaces refuses spaces of which no index can be made.
func (x *Index) checkSpaces(spaces pipeline.Spaces) error {
	const mistake = "this is a mistake of vecload; please report it"
	if len(spaces) == 0 {
		return x.problem("there is no vector to keep", mistake)
	}
	for name, space := range spaces {
		if name == "" || strings.Contains(name, "\x00") || space.Dim <= 0 || space.Model == "" {
			return x.problem(fmt.Sprintf("the vector %q has no valid name, no model or no dimension", name), mistake)
		}
	}
	return nil
}

// stamp writes the spaces into a new index and compares them with those of an
// old one. The lock is held for both, so that of two processes one comes
// second. A new one gets the note, if there is one, in the same step, and made
// tells whether it was new.
func (x *Index) stamp(ctx context.Context, spaces pipeline.Spaces, note *buildNote) (made bool, err error) {
	tx, err := x.begin(ctx, x.writer)
	if err != nil {
		return false, err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	old, err := x.queryTables(ctx, tx)
	if err != nil {
		return false, err
	}
	if len(old) > 0 {
		if differences := old.spaces().Differences(spaces); len(differences) > 0 {
			return false, x.problem("the index holds other vectors: "+strings.Join(differences, "; "),
				"use the models that made the index, choose another path, or delete the file to build it again")
		}
		x.tables = old
		return false, nil
	}
	fresh := make(tables, len(spaces))
	for i, name := range spaces.Names() {
		id := int64(i + 1)
		fresh[name] = newTable(id, spaces[name], formatVersion)
		text, err := json.Marshal(spaces[name])
		if err != nil {
			return false, x.fail("stamp", err)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO vectors (id, name, space) VALUES (?, ?, ?)`, id, name, string(text)); err != nil {
			return false, x.failContext(ctx, "stamp", err)
		}
		if _, err := tx.ExecContext(ctx, fresh[name].points()); err != nil {
			return false, x.failContext(ctx, "stamp", err)
		}
	}
	if _, err := tx.ExecContext(ctx, view(len(spaces))); err != nil {
		return false, x.failContext(ctx, "stamp", err)
	}
	if note != nil {
		if err := x.putNote(ctx, tx, *note); err != nil {
			return false, err
		}
	}
	if err := tx.Commit(); err != nil {
		return false, x.failContext(ctx, "stamp", err)
	}
	x.tables = fresh
	return true, nil
}

// view is the statement that makes all points of n vectors one table, to
// those who read the file with other tools.
func view(n int) string {
	parts := make([]string, n)
	for i := range parts {
		id := strconv.Itoa(i + 1)
		parts[i] = `SELECT (SELECT name FROM vectors WHERE id = ` + id + `) AS vector,
	id, made, chunk, chunks, vec, doc, text, payload FROM ` + tableName(int64(i+1))
	}
	return "CREATE VIEW points AS\n" + strings.Join(parts, "\nUNION ALL ")
}

// readTables checks the owner and returns the tables of an index.
func (x *Index) readTables(ctx context.Context, db *sql.DB) (tables, error) {
	if err := x.checkOwner(ctx, db, false); err != nil {
		return nil, err
	}
	found, err := x.queryTables(ctx, db)
	if err == nil && len(found) == 0 {
		err = x.missing()
	}
	return found, err
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// queryTables reads the stamp: none where the index was not stamped yet.
func (x *Index) queryTables(ctx context.Context, db querier) (tables, error) {
	found, err := scanTables(ctx, db)
	if err != nil {
		return nil, x.failContext(ctx, "read the stamp of", err)
	}
	return found, nil
}

func scanTables(ctx context.Context, db querier) (tables, error) {
	rows, err := db.QueryContext(ctx, `SELECT id, name, space, user_version FROM vectors, pragma_user_version`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := tables{}
	for rows.Next() {
		var id, version int64
		var name, text string
		if err := rows.Scan(&id, &name, &text, &version); err != nil {
			return nil, err
		}
		var space pipeline.Space
		if err := json.Unmarshal([]byte(text), &space); err != nil {
			return nil, fmt.Errorf("vector %q: %w", name, err)
		}
		if space.Dim <= 0 {
			return nil, fmt.Errorf("vector %q: the space has no dimension", name)
		}
		found[name] = newTable(id, space, version)
	}
	return found, rows.Err()
}

// vector returns the table of one vector, and refuses a name that the index
// does not have.
func (x *Index) vector(of tables, name string) (table, error) {
	found, ok := of[name]
	if !ok {
		return table{}, x.problem(fmt.Sprintf("the index has no vector named %q", name),
			"name one that the index has: "+strings.Join(of.spaces().Names(), ", "))
	}
	return found, nil
}

// countAll is the query for the number of points of all vectors.
func (t tables) countAll() string {
	var parts []string
	for _, of := range t {
		parts = append(parts, `(SELECT count(*) FROM `+cmp.Or(of.keys, of.name)+`)`)
	}
	return `SELECT ` + strings.Join(parts, ` + `)
}
