package main

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// writeCorpus makes a file of documents d0, d1, … with the text of each and a
// number n; text=7 gives d7 another text, payload=8 gives d8 another number. A
// name in .gz is compressed; cut=true leaves out its end.
func writeCorpus(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: corpus FILE N [text=I] [payload=I] [cut=true]")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	changed, cut := map[string]bool{}, false
	for _, arg := range args[2:] {
		changed[arg] = true
		cut = cut || arg == "cut=true"
	}
	var out bytes.Buffer
	for i := range n {
		text, number := fmt.Sprintf("the text of document %d", i), i
		if changed[fmt.Sprintf("text=%d", i)] {
			text = fmt.Sprintf("other words for document %d", i)
		}
		if changed[fmt.Sprintf("payload=%d", i)] {
			number += 1000
		}
		fmt.Fprintf(&out, "{\"id\": \"d%d\", \"body\": %q, \"n\": %d}\n", i, text, number)
	}
	data := out.Bytes()
	if strings.HasSuffix(args[0], ".gz") {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, err := w.Write(data)
		ts.Check(err)
		ts.Check(w.Close())
		data = packed.Bytes()
	}
	if cut {
		data = data[:len(data)*2/3]
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o600))
}

// openIndex opens an embedded index as any SQLite tool would.
func openIndex(ts *testscript.TestScript, name, mode string) *sql.DB {
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(ts.MkAbs(name))+"?_pragma=busy_timeout(10000)&mode="+mode)
	ts.Check(err)
	return db
}

// holds waits until an embedded index holds so many points.
func holds(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: holds FILE N")
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	db := openIndex(ts, args[0], "ro")
	defer func() { _ = db.Close() }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	n, end := 0, time.After(time.Minute)
	for {
		if db.QueryRow("SELECT count(*) FROM points").Scan(&n) == nil && n >= want {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			ts.Fatalf("%s holds %d points after a minute, want %d", args[0], n, want)
		}
	}
}

// damage changes an embedded index behind the back of the program.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: damage FILE STATEMENT")
	}
	db := openIndex(ts, args[0], "rw")
	defer func() { _ = db.Close() }()
	done, err := db.Exec(args[1])
	ts.Check(err)
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		ts.Fatalf("%s: nothing was damaged: %v", args[0], err)
	}
}

// agree compares the numbers of two reports: the first of each name.
func agree(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: agree FILE FILE KEY...")
	}
	one, other := ts.ReadFile(args[0]), ts.ReadFile(args[1])
	for _, key := range args[2:] {
		find := regexp.MustCompile(`"` + key + `": ([0-9.]+)`)
		a, b := find.FindStringSubmatch(one), find.FindStringSubmatch(other)
		if a == nil || b == nil || a[1] != b[1] {
			ts.Fatalf("%s: %v and %v", key, a, b)
		}
	}
}
