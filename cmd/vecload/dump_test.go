package main

import (
	"database/sql"
	"fmt"
	"net/url"
	"strings"
)

// dumpIndex writes every point of an embedded index as a line, in the order
// of their ids. It reads the file as any SQLite tool would, and waits while who
// closes it last folds its log into it; sinks/sqlite has linked the driver.
func dumpIndex(path string) (string, error) {
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(path)+"?mode=rw&_pragma=busy_timeout(10000)")
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	rows, err := db.Query("SELECT hex(id), doc, chunk, chunks, text, payload, hex(vec) FROM points ORDER BY id")
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	var out strings.Builder
	for rows.Next() {
		var id, doc, text, payload, vec string
		var chunk, chunks int
		if err := rows.Scan(&id, &doc, &chunk, &chunks, &text, &payload, &vec); err != nil {
			return "", err
		}
		fmt.Fprintln(&out, id, doc, chunk, chunks, text, payload, vec)
	}
	return out.String(), rows.Err()
}
