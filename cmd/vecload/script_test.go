package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

// atExit has a child process that was built with the race detector end at
// once: by default it waits a second.
const atExit = "atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	if err := os.Setenv("GORACE", atExit); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"vecload": main})
}

// TestScripts runs the stories in testdata/script: each a text file of commands
// that a user would type, with the program as a child process, so that exit
// codes and signals are real. Beside testscript's own commands there are
//
//	exits CODE COMMAND…   runs COMMAND and wants its exit code
//	stub NAME [KEY=VALUE…] starts an embedding server; its address is $NAME
//	                       (salt=S makes another model of it, down=N kills it at the Nth request,
//	                       sees=true has it know the colours of pictures,
//	                       refuses=WORD has it refuse texts with a word, or pictures of a colour)
//	embedded NAME N        wants the stub NAME to have embedded N inputs, probes included
//	picture FILE COLOUR    makes a picture, .png or .jpg, of red, green or blue
//	parquet FILE COLOUR…   makes a Parquet file with the columns id, from 0, and photo
//	hub NAME FILE          starts a Hugging Face Hub with the models of FILE
//	qdrant NAME            starts a Qdrant in this process; its address is $NAME
//	arrived NAME N         waits until the stub NAME was asked N times
//	same FILE FILE         wants two indexes to hold the same points
//	corpus FILE N [KEY=VALUE…] makes documents d0, d1, …, see writeCorpus
//	holds FILE N           waits until an index in a file holds N points
//	agree FILE FILE KEY…   wants numbers of the same names in two JSON files to be the same
//	damage FILE STATEMENT  changes an index in a file by SQL
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, stories("sqlite"))
}

// TestScriptsOverQdrant tells once more the stories that are told of either
// index: those that read $INDEX.yaml.
func TestScriptsOverQdrant(t *testing.T) {
	t.Parallel()
	params := stories("qdrant")
	for _, name := range []string{"refresh", "plan_verify", "retry", "two_runs"} {
		params.Files = append(params.Files, "testdata/script/"+name+".txtar")
	}
	params.Dir = ""
	testscript.Run(t, params)
}

// stories is what the stories need, those of either index over the one that is
// named: $INDEX is its name, and a condition.
func stories(index string) testscript.Params {
	return testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Values["stubs"] = map[string]*stub{}
			env.Setenv("HF_ENDPOINT", "http://127.0.0.1:9") // nobody asks the real Hub
			env.Setenv("INDEX", index)
			env.Setenv("GORACE", atExit)
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "sqlite" && name != "qdrant" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return name == index, nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":   exits,
			"stub":    startStub,
			"hub":     startHub,
			"qdrant":  startQdrant,
			"arrived": arrived,
			"same":    same,

			"embedded": embedded,
			"picture":  writePicture,
			"parquet":  writePictures,

			"corpus": writeCorpus,
			"holds":  holds,
			"damage": damage,
			"agree":  agree,
		},
		RequireUniqueNames: true,
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARGUMENT]...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// stub is an embedding server of a story.
type stub struct {
	inputs func() int64 // that were embedded

	mutex   sync.Mutex
	asked   int
	waiting map[int]chan struct{}
}

func (s *stub) ask() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.asked++
	for n, ready := range s.waiting {
		if s.asked >= n {
			close(ready)
			delete(s.waiting, n)
		}
	}
}

func (s *stub) arrived(n int) <-chan struct{} {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	ready := make(chan struct{})
	if s.asked >= n {
		close(ready)
	} else {
		s.waiting[n] = ready
	}
	return ready
}

func startStub(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: stub NAME [dim=N] [token=T] [model=M] [status=S] [type=T] [body=B] [retry-after=S] [first=N] [from=N] [hang=N] [salt=S] [down=N] [sees=true] [refuses=WORD]")
	}
	set := map[string]string{"dim": "8", "first": "0", "from": "0", "hang": "0", "down": "0"}
	for _, arg := range args[1:] {
		key, value, _ := strings.Cut(arg, "=")
		set[key] = value
	}
	number := func(key string) int {
		n, err := strconv.Atoi(set[key])
		ts.Check(err)
		return n
	}
	dim, first, from, hang, down := number("dim"), number("first"), number("from"), number("hang"), number("down")
	vector := func(text string) []float32 { return stubserver.Hash(dim)(set["salt"] + text) }
	if set["sees"] != "" {
		vector = func(input string) []float32 {
			return sees(func(word string) []float32 { return stubserver.Hash(dim)(set["salt"] + word) })(input)
		}
	}
	s := &stub{waiting: map[int]chan struct{}{}}
	done := make(chan struct{})
	handler := stubserver.New(stubserver.Options{
		Vector: vector, Model: set["model"], Token: set["token"],
		Fail: func(r stubserver.Request) *stubserver.Failure {
			if word := set["refuses"]; word != "" && slices.ContainsFunc(r.Texts, func(text string) bool { return shows(text, word) }) {
				return &stubserver.Failure{Status: http.StatusUnprocessableEntity, Body: `{"error":"what a text says is not to the liking of the server","error_type":"Validation"}`}
			}
			n := int(r.Number)
			if set["status"] == "" || first > 0 && n > first || from > 0 && n < from {
				return nil
			}
			status, err := strconv.Atoi(set["status"])
			if err != nil {
				status = http.StatusInternalServerError
			}
			failure := &stubserver.Failure{Status: status, Body: set["body"], Header: map[string]string{}}
			if set["type"] != "" {
				failure.Header["Content-Type"] = set["type"]
			}
			if set["retry-after"] != "" {
				failure.Header["Retry-After"] = set["retry-after"]
			}
			return failure
		},
	})
	s.inputs = handler.Texts
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = strings.TrimPrefix(r.URL.Path, "/scaleway") // a third party's part of the router
		s.ask()
		s.mutex.Lock()
		hangs := hang > 0 && s.asked >= hang
		gone := down > 0 && s.asked >= down
		s.mutex.Unlock()
		if gone {
			panic(http.ErrAbortHandler) // the connection ends as that of a server that was killed
		}
		if hangs {
			select {
			case <-r.Context().Done():
			case <-done:
			}
			return
		}
		handler.ServeHTTP(w, r)
	}))
	ts.Defer(func() {
		close(done)
		server.Close()
	})
	ts.Setenv(args[0], server.URL)
	stubs(ts)[args[0]] = s
}

func startQdrant(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: qdrant NAME")
	}
	server, err := qdrantserver.Start(qdrantserver.Options{})
	ts.Check(err)
	ts.Defer(server.Stop)
	ts.Setenv(args[0], server.URL())
}

func arrived(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: arrived NAME N")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	select {
	case <-stubs(ts)[args[0]].arrived(n):
	case <-time.After(time.Minute):
		ts.Fatalf("%s was not asked %d times within a minute", args[0], n)
	}
}

func stubs(ts *testscript.TestScript) map[string]*stub {
	all, ok := ts.Value("stubs").(map[string]*stub)
	if !ok {
		ts.Fatalf("no stubs")
	}
	return all
}

// same compares two embedded indexes point by point, vectors included.
func same(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: same FILE FILE")
	}
	one, other := dump(ts, args[0]), dump(ts, args[1])
	if one == "" || one != other {
		ts.Fatalf("the indexes differ:\n%.2000s\n---\n%.2000s", one, other)
	}
}

func dump(ts *testscript.TestScript, name string) string {
	path := ts.MkAbs(name)
	if _, err := os.Stat(path); err != nil {
		ts.Fatalf("%v", err)
	}
	out, err := dumpIndex(path)
	ts.Check(err)
	return out
}
