package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fileFault is a story of a run that meets a fault of the file of its index.
type fileFault struct {
	settings string // of the index, as YAML
	flags    []string
	before   bool // the index holds documents of before
	same     bool // which did not change
	// begin makes the fault; file is the index.
	begin   func(t *testing.T, file string)
	prepare func(t *testing.T, file string, command *exec.Cmd) // nil: the command stays as it is
	during  func(t *testing.T, file string)                    // is called when the run has written something
	end     func(t *testing.T, file string)                    // ends the fault, where begin does not
	code    int
	says    string
	lost    bool // the file holds nothing of before any more
}

// limitFiles lets no file of the child grow beyond some KiB, which is how a
// full disk looks where none can be had.
func limitFiles(kib int) func(*testing.T, string, *exec.Cmd) {
	return func(t *testing.T, _ string, command *exec.Cmd) {
		t.Helper()
		program, err := exec.LookPath("vecload")
		if err != nil {
			t.Fatal(err)
		}
		shell, err := exec.LookPath("sh")
		if err != nil {
			t.Skip("there is no shell to limit files with")
		}
		script := fmt.Sprintf("ulimit -f %d && exec \"$0\" \"$@\"", 2*kib)
		command.Args = append([]string{"sh", "-c", script, program}, command.Args[1:]...)
		command.Path = shell
	}
}

// unprivileged has the child run without the rights of root, if the test does.
func unprivileged(t *testing.T, file string, command *exec.Cmd) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	program, err := exec.LookPath("vecload")
	check(t, err)
	check(t, os.Chmod(filepath.Dir(program), 0o755))               //nolint:gosec // to be run by nobody
	check(t, os.Chmod(filepath.Dir(filepath.Dir(program)), 0o755)) //nolint:gosec // as above
	const nobody = 65534
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: true}}
	// The way to the folder is opened, through the two of the test above it.
	dir := filepath.Dir(file)
	for range 3 {
		check(t, os.Chmod(dir, 0o755)) //nolint:gosec // a folder of the test
		dir = filepath.Dir(dir)
	}
	for _, readable := range []string{"docs.jsonl", "vecload.yaml"} {
		check(t, os.Chmod(filepath.Join(filepath.Dir(file), readable), 0o644)) //nolint:gosec // to be read by nobody
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// overwrite changes bytes of a file.
func overwrite(t *testing.T, file string, at int64, n int) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_WRONLY, 0) //nolint:gosec // a file of the test
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt([]byte(strings.Repeat("\xA5", n)), at)
	check(t, err)
	check(t, f.Close())
}

// locked holds a lock on the file for a while, as another process would.
func locked(t *testing.T, file, statement string, while time.Duration) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(file)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	connection, err := db.Conn(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"BEGIN", statement} {
		if _, err := connection.ExecContext(context.WithoutCancel(t.Context()), s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	time.AfterFunc(while, func() {
		_ = connection.Close()
		_ = db.Close()
	})
}

func fileFaults() map[string]fileFault {
	const lock = 500 * time.Millisecond
	rename := func(t *testing.T, file string) { t.Helper(); check(t, os.Rename(file, file+".away")) }
	back := func(t *testing.T, file string) { t.Helper(); check(t, os.Rename(file+".away", file)) }
	return map[string]fileFault{
		"has no room to grow": {prepare: limitFiles(40), code: exitFailed, says: `index\.db.*\n.*→ .*(space|disk)`},
		"has no room to grow, with points in it": {
			before: true, prepare: limitFiles(90), code: exitFailed, says: `index\.db.*\n.*→ .*(space|disk)`,
		},
		"has no room for a build": {
			settings: byAlias, prepare: limitFiles(40), code: exitFailed, says: `index\.db.*\n.*→ .*(space|disk)`,
		},
		"may not be written": {
			before: true, prepare: unprivileged, code: exitMisuse, says: `index\.db.*\n.*→ vecload has no right`,
			begin: func(t *testing.T, file string) { t.Helper(); check(t, os.Chmod(file, 0o444)) }, //nolint:gosec // to be read
			end:   func(t *testing.T, file string) { t.Helper(); check(t, os.Chmod(file, 0o600)) },
		},
		"may not be read": {
			before: true, prepare: unprivileged, code: exitMisuse, says: `index\.db.*\n.*→ vecload has no right`,
			begin: func(t *testing.T, file string) { t.Helper(); check(t, os.Chmod(file, 0)) },
			end:   func(t *testing.T, file string) { t.Helper(); check(t, os.Chmod(file, 0o600)) },
		},
		"is in a folder that may not be written": {prepare: unprivileged, code: exitMisuse, says: `index\.db.*\n.*→ `},
		"is removed":                             {during: func(t *testing.T, file string) { t.Helper(); check(t, os.Remove(file)) }, code: exitFailed, says: `index\.db: the file is gone`, lost: true},
		"is moved away":                          {before: true, during: rename, end: back, code: exitFailed, says: `index\.db: the file is gone`},
		"is replaced": {before: true, during: func(t *testing.T, file string) {
			t.Helper()
			data, err := os.ReadFile(file) //nolint:gosec // a file of the test
			check(t, err)
			check(t, os.WriteFile(file+".new", data, 0o600))
			check(t, os.Rename(file+".new", file))
		}, end: func(t *testing.T, file string) {
			t.Helper()
			for _, name := range []string{file, file + "-wal", file + "-shm"} {
				_ = os.Remove(name) // two files had one log: it is of no use
			}
		}, code: exitFailed, says: `index\.db: the file is another file now`, lost: true},
		"loses its log": {during: func(t *testing.T, file string) { t.Helper(); check(t, os.Remove(file+"-wal")) }, code: exitFailed, says: `index\.db-wal: the file is gone`},
		"is in a folder that vanishes": {
			during: func(t *testing.T, file string) {
				t.Helper()
				check(t, os.Rename(filepath.Dir(file), filepath.Dir(file)+".away"))
			},
			end: func(t *testing.T, file string) {
				t.Helper()
				check(t, os.Rename(filepath.Dir(file)+".away", filepath.Dir(file)))
			},
			code: exitFailed, says: `index\.db: the file is gone`,
		},
		"is read in a long transaction":    {before: true, during: func(t *testing.T, file string) { t.Helper(); locked(t, file, "SELECT count(*) FROM points", lock) }},
		"is locked by another writer":      {before: true, during: func(t *testing.T, file string) { t.Helper(); locked(t, file, "UPDATE meta SET value = value", lock) }},
		"is locked when the run begins":    {before: true, begin: func(t *testing.T, file string) { t.Helper(); locked(t, file, "UPDATE meta SET value = value", lock) }},
		"is read while a build takes over": {settings: byAlias, before: true, same: true, flags: []string{"--rebuild"}, begin: func(t *testing.T, file string) { t.Helper(); locked(t, file, "SELECT count(*) FROM points", lock) }},
		"has a page that is damaged": {
			before: true, code: exitFailed, says: `index\.db.*\n.*→ the file is damaged`, lost: true,
			begin: func(t *testing.T, file string) { t.Helper(); overwrite(t, file, 2*8192, 4*8192) },
			end:   func(t *testing.T, file string) { t.Helper(); check(t, os.Remove(file)) },
		},
		"is cut short": {
			before: true, code: exitFailed, says: `index\.db.*\n.*→ the file is damaged`, lost: true,
			begin: func(t *testing.T, file string) { t.Helper(); check(t, os.Truncate(file, 3*8192)) },
			end:   func(t *testing.T, file string) { t.Helper(); check(t, os.Remove(file)) },
		},
		"is of something else": {
			code: exitMisuse, says: `index\.db.*\n.*→ vecload does not overwrite a file`,
			begin: func(t *testing.T, file string) {
				t.Helper()
				check(t, os.WriteFile(file, []byte(strings.Repeat("my diary\n", 999)), 0o600))
			},
			end: func(t *testing.T, file string) { t.Helper(); check(t, os.Remove(file)) },
		},
		"has its report on a full disk": {flags: []string{"--report", "/dev/full"}, code: exitFailed, says: `/dev/full.*no space left on device`},
		"has its rejects on a full disk": {
			flags: []string{"--rejects", "/dev/full", "--id", "n", "--text", "maybe"}, code: exitFailed,
			says: `(?s)/dev/full.*no space left on device.*→ a reject that cannot be written down`,
		},
	}
}

// TestFaultsOfTheFile wants the same of an index in a file as
// TestFaultsOfQdrant does.
func TestFaultsOfTheFile(t *testing.T) {
	t.Parallel()
	clean := map[string]leftIndex{}
	for _, settings := range []string{"", byAlias} {
		l, file := newFileLoader(t, settings)
		var c leftIndex
		l.loadWhole(t, documents, false)
		c.before = dumpFile(t, file)
		l.loadWhole(t, documents, true)
		c.after = dumpFile(t, file)
		clean[settings] = c
	}
	for name, story := range fileFaults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story.tell(t, clean[story.settings])
		})
	}
}

func newFileLoader(t *testing.T, settings string) (*loader, string) {
	t.Helper()
	l := newLoader(t, "")
	l.dir = filepath.Join(l.dir, "job") // may be moved away
	check(t, os.Mkdir(l.dir, 0o755))    //nolint:gosec // a folder of the test
	l.index = "  sqlite: {path: '" + filepath.Join(l.dir, "index.db") + "'}\n" + settings
	return l, filepath.Join(l.dir, "index.db")
}

func dumpFile(t *testing.T, file string) string {
	t.Helper()
	text, err := dumpIndex(file)
	if err != nil {
		t.Logf("%s: %v", file, err) // there may be no such table yet, or file
		return ""
	}
	return text
}

func (f fileFault) tell(t *testing.T, clean leftIndex) {
	t.Helper()
	l, file := newFileLoader(t, f.settings)
	want := clean.before
	if f.before {
		l.loadWhole(t, documents, false)
	}
	changed := f.before && !f.same
	if changed {
		want = clean.after
	}
	corpus := l.corpus(t, documents, changed)
	if f.begin != nil {
		f.begin(t, file)
	}
	l.flags = f.flags
	if f.during != nil {
		l.held = f.during
	}
	got := l.load(t, func(command *exec.Cmd) {
		if f.prepare != nil {
			f.prepare(t, file, command)
		}
	}, nil)
	if got.code != f.code || got.took > soon {
		t.Errorf("exit code %d after %s, want %d\n%s", got.code, got.took, f.code, got.stderr)
	}
	if f.says != "" && !regexp.MustCompile(f.says).MatchString(got.stderr) {
		t.Errorf("it tells\n%s\nwant %s", got.stderr, f.says)
	}
	if f.end != nil {
		f.end(t, file)
	}
	now := dumpFile(t, file)
	switch wantAmong(t, now, clean.before, clean.after); {
	case f.code == exitDone && now != want:
		t.Error("the index differs from that of a run without faults")
	case f.before && !f.lost && strings.Count(now, "\n") < documents:
		t.Errorf("of %d points there were, %d are left", documents, strings.Count(now, "\n"))
	}

	l.flags, l.held = nil, nil
	if f.lost && f.before {
		l.loadWhole(t, documents, false) // what is damaged is built anew
		corpus = l.corpus(t, documents, true)
	}
	l.load(t, nil, nil).wantDone(t, corpus)
	if dumpFile(t, file) != want {
		t.Error("after another run the index differs from that of a run without faults")
	}
}
