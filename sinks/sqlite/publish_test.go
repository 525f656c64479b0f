package sqlite_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/sqlite"
)

func newPublisher(tb testing.TB, path string) *sqlite.Publisher {
	tb.Helper()
	p, err := sqlite.NewPublisher(sqlite.Options{Path: path}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func plan(run string) sqlite.Plan {
	return sqlite.Plan{Spaces: spaces(), Settings: "chunks of 256", Run: run, Reason: "a test"}
}

func begin(tb testing.TB, p *sqlite.Publisher, plan sqlite.Plan) sqlite.Build {
	tb.Helper()
	build, err := p.Begin(tb.Context(), plan)
	if err != nil {
		tb.Fatalf("Begin: %v (%s)", err, pipeline.Hint(err))
	}
	return build
}

// fill writes points into a build as a run does.
func fill(tb testing.TB, path string, ids ...string) {
	tb.Helper()
	index := prepared(tb, path)
	if err := index.Write(tb.Context(), points(ids...)); err != nil {
		tb.Fatal(err)
	}
	if err := index.Close(); err != nil {
		tb.Fatal(err)
	}
}

// publish builds and publishes points.
func publish(tb testing.TB, p *sqlite.Publisher, run string, ids ...string) {
	tb.Helper()
	build := begin(tb, p, plan(run))
	if build.Resumed {
		tb.Fatalf("%s is not a new build", build.Path)
	}
	fill(tb, build.Path, ids...)
	if err := p.Verify(tb.Context(), build.Path, int64(len(ids))); err != nil {
		tb.Fatal(err)
	}
	if _, err := p.Switch(tb.Context(), build.Path); err != nil {
		tb.Fatalf("Switch: %v (%s)", err, pipeline.Hint(err))
	}
}

func wantPoints(tb testing.TB, path string, want int64) {
	tb.Helper()
	index := newIndex(tb, path)
	if n, err := index.Count(tb.Context()); err != nil || n != want {
		tb.Errorf("%s has %d points, %v, want %d", filepath.Base(path), n, err, want)
	}
	if err := index.Close(); err != nil {
		tb.Error(err)
	}
}

// wantFiles checks what is in the folder.
func wantFiles(tb testing.TB, folder string, want ...string) {
	tb.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		tb.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		tb.Errorf("the files are %v, want %v", got, want)
	}
}

func TestAFileIsPublishedAndRolledBack(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "docs.db")
	p := newPublisher(t, path)
	if _, ok, err := p.Current(t.Context()); ok || err != nil {
		t.Fatalf("before the first build Current gives %v, %v", ok, err)
	}
	publish(t, p, "run-1", "a")
	wantFiles(t, folder, "docs.db")
	wantPoints(t, path, 1)
	_, err := p.Rollback(t.Context())
	wantError(t, err, pipeline.Misconfigured, "none before it", "--rebuild")

	publish(t, p, "run-2", "a", "b")
	wantFiles(t, folder, "docs.db", "docs.db.previous")
	wantPoints(t, path, 2)
	got, ok, err := p.Current(t.Context())
	if err != nil || !ok || got.Points != 2 || got.Settings != "chunks of 256" || got.Since.IsZero() ||
		got.Previous != path+".previous" || !got.Spaces.Compatible(spaces()) {
		t.Errorf("current is %+v, %v, %v", got, ok, err)
	}
	if _, err := p.RollbackMove(t.Context()); err != nil {
		t.Error(err)
	}
	wantPoints(t, path, 2)
	for i, want := range []int64{1, 2, 1} {
		if move, err := p.Rollback(t.Context()); err != nil || move.Path != path {
			t.Fatalf("rollback %d: %v, %v", i+1, move, err)
		}
		wantPoints(t, path, want)
		wantFiles(t, folder, "docs.db", "docs.db.previous")
	}
	publish(t, p, "run-3", "a", "b", "c")
	wantPoints(t, path, 3)
	wantPoints(t, path+".previous", 1)
	if dropped, err := p.Prune(t.Context(), 1); err != nil || len(dropped) > 0 {
		t.Errorf("Prune that keeps one dropped %v, %v", dropped, err)
	}
	if dropped, err := p.Prune(t.Context(), 0); err != nil || len(dropped) != 1 {
		t.Errorf("Prune that keeps none dropped %v, %v", dropped, err)
	}
	wantFiles(t, folder, "docs.db")
}

func TestAnOpenReaderKeepsWhatItHas(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "docs.db")
	p := newPublisher(t, path)
	publish(t, p, "run-1", "a")

	// Another program has the file open, with its log.
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // closed below where it counts
	reader, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	count := func() (n int) {
		t.Helper()
		if err := reader.QueryRowContext(t.Context(), `SELECT count(*) FROM points`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != 1 {
		t.Fatalf("the reader sees %d points", n)
	}
	wantFiles(t, folder, "docs.db", "docs.db-shm", "docs.db-wal")
	publish(t, p, "run-2", "a", "b")
	wantFiles(t, folder, "docs.db", "docs.db.previous") // its log is the reader's alone
	if n := count(); n != 1 {
		t.Errorf("after the switch the reader sees %d points, want the one it had", n)
	}
	// The next run writes to the new file, whose log has the name of the old.
	fill(t, path, "a", "b", "c", "d")
	if n := count(); n != 1 {
		t.Errorf("after the next run the reader sees %d points, want the one it had", n)
	}
	if _, err := p.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	fill(t, path, "x", "y", "z")
	if n := count(); n != 1 {
		t.Errorf("after a rollback and a run the reader sees %d points, want the one it had", n)
	}
	// And its end takes nothing away from those who have the new one.
	writer := prepared(t, path)
	if err := writer.Write(t.Context(), points("e")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(reader.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := writer.Write(t.Context(), points("f")); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	wantPoints(t, path, 6)
	execute(t, path, `PRAGMA integrity_check`)
	wantPoints(t, path+".previous", 4)
}

func TestAnUnfinishedFileIsGoneOnWithWhereItFits(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	p := newPublisher(t, filepath.Join(folder, "docs.db"))
	first := begin(t, p, plan("run-1"))
	fill(t, first.Path, "a")
	again := begin(t, p, plan("run-2"))
	if !again.Resumed || again.Path != first.Path || again.Run != "run-1" || again.Reason != "a test" || again.Since.IsZero() {
		t.Errorf("the second run builds %+v, want to go on with %s", again, first.Path)
	}
	chunked := plan("run-3")
	chunked.Settings = "chunks of 128"
	other := plan("run-4")
	other.Spaces = pipeline.Spaces{"text": {Model: "b/model", Dim: 4}}
	for _, p2 := range []sqlite.Plan{chunked, other} {
		if build := begin(t, p, p2); build.Resumed {
			t.Errorf("%s builds %+v", p2.Run, build)
		}
	}
	wantFiles(t, folder, "docs.db.build-1", "docs.db.build-2", "docs.db.build-3")
	left, err := p.Leftovers(t.Context(), 1)
	if err != nil || len(left) != 3 {
		t.Fatalf("left are %+v, %v", left, err)
	}
	if l := left[0]; l.Path != first.Path || !l.Building || l.Points != 1 || l.Bytes == 0 || l.Run != "run-1" {
		t.Errorf("the first is %+v", l)
	}
	for _, path := range []string{filepath.Join(folder, "docs.db"), filepath.Join(folder, "other.db")} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		dropped, err := p.Drop(t.Context(), first.Path, path)
		wantError(t, err, pipeline.Misconfigured, "", "")
		if len(dropped) > 0 {
			t.Errorf("%v were dropped before %s was refused", dropped, path)
		}
	}
	if dropped, err := p.Drop(t.Context(), left[0].Path, left[1].Path, left[2].Path, left[0].Path+"0"); err != nil || len(dropped) != 3 {
		t.Errorf("dropped are %v, %v", dropped, err)
	}
	wantFiles(t, folder, "docs.db", "other.db")
}

func TestAFileThatARunIsAtIsLeftAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "docs.db")
	p := newPublisher(t, path)
	build := begin(t, p, plan("run-1"))
	index := prepared(t, build.Path)
	lease, err := index.Acquire(t.Context(), pipeline.Holder{Run: "run-1", Host: "here", PID: 7}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := p.Leftovers(t.Context(), 0); err != nil || len(left) > 0 {
		t.Errorf("left are %+v, %v", left, err)
	}
	chunked := plan("run-2")
	chunked.Settings = "other"
	_, beginErr := p.Begin(t.Context(), chunked)
	_, dropErr := p.Drop(t.Context(), build.Path)
	_, switchErr := p.Switch(t.Context(), build.Path)
	for verb, err := range map[string]error{"Begin": beginErr, "Drop": dropErr, "Switch": switchErr} {
		if !errors.Is(err, pipeline.ErrBusy) || !strings.Contains(err.Error(), "run-1") {
			t.Errorf("%s: %v", verb, err)
		}
	}
	dead, err := sqlite.NewPublisher(sqlite.Options{Path: path}, func(h pipeline.Holder) bool { return h.PID == 7 })
	if err != nil {
		t.Fatal(err)
	}
	if left, err := dead.Leftovers(t.Context(), 0); err != nil || len(left) != 1 {
		t.Errorf("of a run that is known to be dead left are %+v, %v", left, err)
	}
	if err := lease.Release(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if err := index.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Switch(t.Context(), build.Path); err != nil {
		t.Fatal(err)
	}
	// The readers' file is not replaced under a run that writes to it, either.
	next := begin(t, p, plan("run-3"))
	index = prepared(t, path)
	if _, err := index.Acquire(t.Context(), pipeline.Holder{Run: "run-4", Host: "here", PID: 8}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Switch(t.Context(), next.Path); !errors.Is(err, pipeline.ErrBusy) {
		t.Errorf("Switch: %v", err)
	}
}

func TestASwitchThatDiedIsEnded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		died func(path string) error
		want int64 // points of the previous file
	}{
		"before the rename": {func(path string) error { return os.Link(path, path+".switching") }, 1},
		"after the rename": {func(path string) error {
			return errors.Join(os.Rename(path+".previous", path+".switching"))
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			path := filepath.Join(folder, "docs.db")
			p := newPublisher(t, path)
			publish(t, p, "run-1", "a")
			publish(t, p, "run-2", "a", "b")
			if err := test.died(path); err != nil {
				t.Fatal(err)
			}
			if _, ok, err := p.Current(t.Context()); !ok || err != nil {
				t.Fatalf("Current gives %v, %v", ok, err)
			}
			wantFiles(t, folder, "docs.db", "docs.db.previous")
			wantPoints(t, path, 2)
			wantPoints(t, path+".previous", test.want)
		})
	}
}

func TestABuildThatIsNotCompleteIsToldSo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "docs.db")
	p := newPublisher(t, path)
	build := begin(t, p, plan("run-1"))
	fill(t, build.Path, "a", "b")
	wantError(t, p.Verify(t.Context(), build.Path, 3), pipeline.Fatal, "2 points, and 3", "again")
	wantError(t, p.Verify(t.Context(), path, 3), pipeline.Misconfigured, "not a build", "build-1")
}

func TestAForeignFileIsNotReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "docs.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	p := newPublisher(t, path)
	build := begin(t, p, plan("run-1"))
	fill(t, build.Path, "a")
	_, err := p.Switch(t.Context(), build.Path)
	wantError(t, err, pipeline.Misconfigured, "not an SQLite database", "overwrite")
	if data, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(data), "not a database") {
		t.Errorf("the file was changed: %v", err)
	}
}

func TestAFileThatIsJustBeingMadeIsLeftAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "docs.db")
	p := newPublisher(t, path)
	made := path + ".build-1"
	if err := os.WriteFile(made, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if left, err := p.Leftovers(t.Context(), 0); err != nil || len(left) > 0 {
		t.Errorf("Leftovers: %+v, %v", left, err)
	}
	if _, err := p.Drop(t.Context(), made); !errors.Is(err, pipeline.ErrBusy) {
		t.Errorf("Drop: %v", err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(made, old, old); err != nil {
		t.Fatal(err)
	}
	if left, err := p.Leftovers(t.Context(), 0); err != nil || len(left) != 1 {
		t.Errorf("Leftovers after an hour: %+v, %v", left, err)
	}
}

// change changes a file by SQL.
func change(tb testing.TB, path, statements string) {
	tb.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = db.ExecContext(tb.Context(), statements)
	if err := errors.Join(err, db.Close()); err != nil {
		tb.Fatal(err)
	}
}

func TestABuildWhoseRunDiedBeforeItBeganIsBegunAtOnce(t *testing.T) {
	t.Parallel()
	for name, died := range map[string]func(tb testing.TB, path string){
		"an empty file": func(tb testing.TB, path string) {
			tb.Helper()
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				tb.Fatal(err)
			}
		},
		"a file without tables": func(tb testing.TB, path string) {
			tb.Helper()
			change(tb, path, `PRAGMA journal_mode = WAL`)
		},
		"a file without vectors": func(tb testing.TB, path string) {
			tb.Helper()
			if err := prepared(tb, path).Close(); err != nil {
				tb.Fatal(err)
			}
			change(tb, path, `DROP VIEW points; DROP TABLE points_1; DROP TABLE keys_1; DROP TABLE ids_1; DELETE FROM vectors`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "docs.db")
			p := newPublisher(t, path)
			died(t, path+".build-1")
			build := begin(t, p, plan("run-2"))
			if build.Path != path+".build-1" || build.Resumed || build.Run != "run-2" {
				t.Errorf("the build is %+v", build)
			}
			fill(t, build.Path, "a")
			if _, err := p.Switch(t.Context(), build.Path); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOfRunsThatBeginAtOnceOneMakesTheBuild(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "docs.db")
	if err := os.WriteFile(path+".build-1", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const runs = 4
	var group errgroup.Group
	builds := make([]sqlite.Build, runs)
	for i := range runs {
		group.Go(func() (err error) {
			what := plan("run-" + strconv.Itoa(i))
			if i%2 == 1 {
				what.Settings = "other"
			}
			builds[i], err = newPublisher(t, path).Begin(t.Context(), what)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if builds[0].Path != builds[2].Path || builds[1].Path != builds[3].Path || builds[0].Path == builds[1].Path {
		t.Errorf("the builds are %+v", builds)
	}
	if builds[0].Resumed == builds[2].Resumed || builds[1].Resumed == builds[3].Resumed {
		t.Errorf("each was begun by one run: %+v", builds)
	}
}
