package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// TestAnEndpointThatGoesAwayAndComesBackLosesNothing takes the way to a server
// away in the middle of a run, and gives it back once the program has told
// that it noticed.
func TestAnEndpointThatGoesAwayAndComesBackLosesNothing(t *testing.T) {
	t.Parallel()
	corpus := corpusOf(t, 80)
	want := cleanIndex(t, "tei", corpus)
	tests := []struct {
		name, told string
		begin      func(t *testing.T, p *proxied)
		restore    func(t *testing.T, p *proxied)
	}{
		{
			"refused", "connection refused",
			func(_ *testing.T, p *proxied) { p.cut() },
			func(t *testing.T, p *proxied) { p.restore(t) },
		},
		{
			"reset", "try 1 failed",
			func(t *testing.T, p *proxied) { p.begin(t, fault{Type: "reset_peer"}) },
			func(t *testing.T, p *proxied) { p.end() },
		},
		{
			"a black hole", "no answer within",
			func(t *testing.T, p *proxied) { p.begin(t, fault{Type: "timeout"}) },
			func(t *testing.T, p *proxied) { p.end() },
		},
		{
			"a slow line", "no answer within",
			func(t *testing.T, p *proxied) {
				p.begin(t, fault{Type: "bandwidth", Attributes: map[string]float64{"rate": 0}})
			},
			func(t *testing.T, p *proxied) { p.end() },
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			stub := stubserver.New(stubserver.Options{})
			server := httptest.NewUnstartedServer(nil)
			proxy := newProxied(t, server.Listener.Addr().String())
			server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked.Add(1) == 5 {
					test.begin(t, proxy)
				}
				stub.ServeHTTP(w, r)
			})
			server.Start()
			t.Cleanup(server.Close)
			index := filepath.Join(t.TempDir(), "index.db")
			command := exec.CommandContext(t.Context(), "vecload", "run", corpus, "--model", "org/name", "--tei", "http://"+proxy.addr,
				"--sqlite", index, "--batch", "8", "--in-flight", "2", "--timeout", "500ms")
			said, err := command.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			var all bytes.Buffer
			noticed := false
			for lines := bufio.NewScanner(said); lines.Scan(); {
				fmt.Fprintln(&all, lines.Text())
				if !noticed && strings.Contains(lines.Text(), test.told) {
					noticed = true
					test.restore(t, proxy)
				}
			}
			if err := command.Wait(); err != nil || !noticed {
				t.Fatalf("%v, and it told %q: %v\n%s", err, test.told, noticed, all.String())
			}
			wantIndex(t, index, want, true)
		})
	}
}

// TestAnEndpointThatIsNotThereIsSaid asks where nobody listens.
func TestAnEndpointThatIsNotThereIsSaid(t *testing.T) {
	t.Parallel()
	proxy := newProxied(t, "127.0.0.1:9")
	proxy.cut()
	l := loading{kind: "tei", url: "http://" + proxy.addr, corpus: corpusOf(t, 8), index: filepath.Join(t.TempDir(), "index.db")}
	l.flags = []string{"--retry-for", "600ms", "--warm-up", "300ms"}
	done := l.run(t)
	done.wantCode(t, exitFailed)
	done.wantTold(t, proxy.addr, "connection refused", "check that the server runs")
}

// TestTwoEndpointsTakeOverFromEachOther has the first of two endpoints fail in
// the middle of a run, or both of them.
func TestTwoEndpointsTakeOverFromEachOther(t *testing.T) {
	t.Parallel()
	corpus := corpusOf(t, 80)
	want := cleanIndex(t, "tei", corpus)
	tests := []struct {
		name   string
		answer func(exchange)
		one    int // exit code where one of them has the fault
		both   int
	}{
		{"closed before the answer", closedBefore(), 0, 1},
		{"500 as a page", status(500), 0, 1},
		{"401 as a page", status(401), 0, 5},
		{"404 as a page", status(404), 0, 1},
		{"a page under 200", status(200), 0, 1},
		{"an empty object", saidJSON("{}"), 0, 1},
		{"a body without end", endless("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[[", "0.25,"), 0, 1},
		// Whose vectors are whose is not known any more.
		{"a vector too few", rows(tooFew), 1, 1},
		{"another dimension", allVectors(longer), 1, 1},
	}
	for i, test := range tests {
		if i%3 != 0 && !*allFaults {
			continue
		}
		for name, second := range map[string]func(int64) bool{"one": never, "both": fromFifth} {
			t.Run(test.name+", "+name, func(t *testing.T) {
				t.Parallel()
				a, b := newFaulty(t, test.answer, fromFifth), newFaulty(t, test.answer, second)
				config := filepath.Join(t.TempDir(), "vecload.yaml")
				text := fmt.Sprintf("embed:\n  model: org/name\n  endpoints:\n    - tei: {url: %q}\n    - tei: {url: %q}\n", a.URL, b.URL)
				if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				l := loading{corpus: corpus, index: filepath.Join(t.TempDir(), "index.db"), flags: []string{"-c", config, "--retry-for", "1s", "--warm-up", "1s"}}
				done := l.run(t)
				if name == "one" && test.one == exitDone {
					done.wantCode(t, exitDone)
					wantIndex(t, l.index, want, true)
					if b.asked.Load() < 5 {
						t.Errorf("the second endpoint was asked %d times", b.asked.Load())
					}
					return
				}
				done.wantCode(t, test.both)
				done.wantTold(t, strings.TrimPrefix(a.URL, "http://"))
				if test.one == exitDone {
					done.wantTold(t, strings.TrimPrefix(b.URL, "http://"))
				}
				wantIndex(t, l.index, want, false)
			})
		}
	}
}

// TestRedirectsLeadNowhere has a server redirect to another, which nobody may
// ask: not for the first request, and not for a later one.
func TestRedirectsLeadNowhere(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the other host was asked for %s, with the token: %v", r.URL, r.Header.Get("Authorization") != "")
	}))
	t.Cleanup(other.Close)
	corpus := corpusOf(t, 40)
	for _, code := range []int{301, 302, 303, 307, 308} {
		if code != 307 && !*allFaults {
			continue
		}
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			for _, bad := range []func(int64) bool{always, fromThird} {
				server := newFaulty(t, redirect(other.URL, code), bad)
				l := loading{kind: "openai", url: server.URL + "/v1", corpus: corpus, index: filepath.Join(t.TempDir(), "index.db")}
				l.flags = []string{"--retry-for", "300ms", "--warm-up", "300ms"}
				done := l.run(t)
				if done.code == exitDone {
					t.Error("it succeeded")
				}
				done.wantTold(t, "redirects to "+other.URL, "redirects are not followed")
				if strings.Contains(done.stderr, "key=value") {
					t.Errorf("the query of the other address is told: %s", done.stderr)
				}
			}
		})
	}
}
