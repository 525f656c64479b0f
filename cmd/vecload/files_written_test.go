package main

import (
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

func TestWhatIsWrittenIsReadByNoMoreThanItHasTo(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes here")
	}
	for mask, want := range map[string]map[string]fs.FileMode{
		// Nobody but the owner reads what a corpus holds in a file of rejects;
		// an index is as the mask says, and never written by others.
		"umask 000": {"vecload.rejects.jsonl": 0o600, "report.json": 0o644, "index.db": 0o644, "index.db-wal": 0o644, "index.db-shm": 0o644},
		"umask 022": {"vecload.rejects.jsonl": 0o600, "report.json": 0o644, "index.db": 0o644, "index.db-wal": 0o644, "index.db-shm": 0o644},
		"umask 077": {"vecload.rejects.jsonl": 0o600, "report.json": 0o600, "index.db": 0o600, "index.db-wal": 0o600, "index.db-shm": 0o600},
	} {
		for _, publish := range []string{"in_place", "alias"} {
			t.Run(mask+" "+publish, func(t *testing.T) {
				t.Parallel()
				c := newPlace(t)
				look := sync.OnceValue(func() map[string]fs.FileMode { return modes(t, c.dir) })
				stub := stubserver.New(stubserver.Options{})
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method == http.MethodPost && r.Header.Get("Content-Length") != "" && strings.HasSuffix(r.URL.Path, "/embed") && stub.Texts() > 2 {
						look() // while the index is open
					}
					stub.ServeHTTP(w, r)
				}))
				t.Cleanup(server.Close)
				docs := ""
				for i := range 20 {
					docs += fmt.Sprintf("{\"id\":\"d%d\",\"text\":\"text %d\"}\n", i, i)
				}
				c.put(t, "docs.jsonl", "{\"id\":\"none\"}\n"+docs)
				c.under(t, mask, "run", "docs.jsonl", "--id", "id", "--text", "text", "--model", "a/b", "--tei", server.URL, "--batch", "4", "--in-flight", "1",
					"--sqlite", "index.db", "--report", "report.json", "--publish", publish).want(t, exitRejects)
				found := modes(t, c.dir)
				maps.Copy(found, look())
				seen := map[string]bool{}
				for name, mode := range found {
					kind := strings.Replace(name, ".build-1", "", 1)
					if limit, known := want[kind]; !known || mode != limit {
						t.Errorf("%s has mode %o, want %o", name, mode, limit)
					}
					seen[kind] = true
				}
				for name := range want {
					if !seen[name] {
						t.Errorf("%s was not seen", name)
					}
				}
			})
		}
	}
}

// modes are those of the files that the program has made.
func modes(t *testing.T, dir string) map[string]fs.FileMode {
	t.Helper()
	found := map[string]fs.FileMode{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "docs.jsonl" {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			found[entry.Name()] = info.Mode().Perm()
		}
		return nil // it may be gone since
	})
	if err != nil {
		t.Error(err)
	}
	return found
}

func TestALinkThatOthersLeftIsNotWrittenThrough(t *testing.T) {
	t.Parallel()
	const precious = "what the user would miss\n"
	for name, tc := range map[string]struct {
		link  string // in the folder of the run, to the user's file
		late  bool   // made while the run is under way
		empty bool   // to a file that does not exist yet
		code  int
	}{
		"the file that becomes the report":          {link: "report.json.tmp", code: exitRejects},
		"the report":                                {link: "report.json", code: exitRejects},
		"the rejects":                               {link: "vecload.rejects.jsonl", code: exitMisuse},
		"the rejects, once the run has begun":       {link: "vecload.rejects.jsonl", late: true, code: exitFailed},
		"the rejects, once begun, to where is none": {link: "vecload.rejects.jsonl", late: true, empty: true, code: exitFailed},
		"the index":                                 {link: "index.db", code: exitMisuse},
		"the log of the index":                      {link: "index.db-wal", code: -1},
		"the shared memory of the index":            {link: "index.db-shm", code: -1},
		"the journal of the index":                  {link: "index.db-journal", code: -1},
		"an index that is built":                    {link: "index.db.build-1", code: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newPlace(t)
			target := filepath.Join(filepath.Dir(c.dir), "precious")
			if !tc.empty {
				if err := os.WriteFile(target, []byte(precious), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			plant := sync.OnceFunc(func() {
				if err := os.Symlink(target, filepath.Join(c.dir, tc.link)); err != nil {
					t.Error(err)
				}
			})
			if !tc.late {
				plant()
			}
			server := httptest.NewServer(stubserver.New(stubserver.Options{Fail: func(r stubserver.Request) *stubserver.Failure {
				for _, text := range r.Texts {
					if tc.late && (strings.HasPrefix(text, "text ") || text == "refused") {
						plant() // what came before were probes
					}
					if strings.Contains(text, "refused") {
						return &stubserver.Failure{Status: http.StatusUnprocessableEntity, Body: `{"error":"not to the liking of the server","error_type":"Validation"}`}
					}
				}
				return nil
			}}))
			t.Cleanup(server.Close)
			docs := "{\"id\":\"none\",\"text\":\"refused\"}\n"
			for i := range 9 {
				docs += fmt.Sprintf("{\"id\":\"d%d\",\"text\":\"text %d\"}\n", i, i)
			}
			c.put(t, "docs.jsonl", docs)
			publish := "in_place"
			if strings.Contains(tc.link, "build") {
				publish = "alias"
			}
			r := c.vecload(t, "run", "docs.jsonl", "--id", "id", "--text", "text", "--model", "a/b", "--tei", server.URL,
				"--sqlite", "index.db", "--report", "report.json", "--publish", publish)
			if tc.code >= 0 {
				r.want(t, tc.code)
			}
			data, err := os.ReadFile(target)
			switch {
			case tc.empty && err == nil:
				t.Errorf("a file was made where the link leads: %q\n%s", data, r.all())
			case !tc.empty && string(data) != precious:
				t.Errorf("the user's file holds %q, %v\n%s", data, err, r.all())
			}
		})
	}
}
