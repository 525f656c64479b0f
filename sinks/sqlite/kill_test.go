package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/vecload/vecload/sinks/sqlite"
)

// childVariable tells the test binary to be the process that is killed.
const childVariable = "VECLOAD_TEST_WRITES_TO"

// TestMain lets the test binary play the process that dies.
func TestMain(m *testing.M) {
	if path := os.Getenv(childVariable); path != "" {
		writeForever(path)
		return
	}
	os.Exit(m.Run())
}

// writeForever writes points one after the other and says each that Write
// has returned for.
func writeForever(path string) {
	index, err := sqlite.New(sqlite.Options{Path: path})
	if err != nil {
		panic(err)
	}
	sqlite.SetLot(index, smallLot)
	ctx := context.Background() // a process of its own
	if err := index.Prepare(ctx, spaces()); err != nil {
		panic(err)
	}
	for i := 0; ; i++ {
		if err := index.Write(ctx, points(strconv.Itoa(i)+"-a", strconv.Itoa(i)+"-b")); err != nil {
			panic(err)
		}
		fmt.Fprintln(os.Stdout, i)
	}
}

func TestWhatWasWrittenSurvivesAKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.db")
	for round := range 3 {
		child := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // this test
		child.Env = append(os.Environ(), childVariable+"="+path)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		last := -1
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if last, err = strconv.Atoi(strings.TrimSpace(lines.Text())); err != nil {
				t.Fatalf("the child says %q", lines.Text())
			}
			if last == 20+round {
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = child.Wait() // was killed
		index := newIndex(t, path)
		n, err := index.Count(t.Context())
		if err != nil {
			t.Fatalf("Count after a kill: %v", err)
		}
		// The write under way may have come through, as a whole.
		if want := int64(2 * (last + 1)); n < want || n%2 != 0 {
			t.Errorf("%d points after a kill, and Write had returned for %d", n, want)
		}
		checkKeys(t, path, int(n))
		hits, err := index.Search(t.Context(), "text", points("a")[0].Vector, int(n)+1)
		if err != nil || int64(len(hits)) != n {
			t.Errorf("%d hits of %d points, %v", len(hits), n, err)
		}
	}
}
