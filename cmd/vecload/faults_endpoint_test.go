package main

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

// allFaults has every fault met in every way and over every kind of endpoint:
// `make faults`. Without it each fault is met once, over the kinds in turn.
var allFaults = flag.Bool("all-faults", false, "meet every fault in every way")

// atOnce is how many runs of a table are under way: they wait more than they
// compute.
const atOnce = 16

// endpointFault is a way in which an endpoint answers wrongly, and what becomes
// of a run that meets it.
type endpointFault struct {
	name   string
	answer func(exchange)
	more   string // kinds of endpoints beside text-embeddings-inference
	only   string // the one kind that has it

	harmless bool   // the run does not notice it
	fatal    bool   // the run stops at once where it comes in the middle
	first    bool   // it stops at once where it comes first
	hangs    bool   // requests end by their time-out
	start    int    // exit code where it is there from the first request on; 0: not tried
	stays    int    // where it comes in the middle of a run and stays
	told     string // what a run that fails in the middle says
}

// moreKinds are those whose answers have another form.
const moreKinds = "huggingface openai ollama cohere sie"

// transportFaults are those of connections and of HTTP.
func transportFaults() []endpointFault {
	return []endpointFault{
		{name: "reset before the answer", answer: resetBefore(), start: 1, stays: 1, told: "reset"},
		{name: "closed before the answer", answer: closedBefore(), start: 1, stays: 1, told: "closed the connection"},
		{name: "reset in mid-body", answer: resetInBody(), start: 1, stays: 1, told: "connection"},
		{name: "closed in mid-body", answer: closedInBody(), stays: 1, told: "closed the connection"},
		{name: "chunks that end behind the JSON and before the last", answer: chunkedCutAfterJSON(), stays: 1, told: "closed the connection"},
		{name: "cut without a length", answer: cutWithoutLength(), start: 1, stays: 1, told: "ends before", more: moreKinds},
		{name: "a length that is too large", answer: lengthTooLarge(), stays: 1, told: "closed the connection"},
		{name: "a length that is too small", answer: lengthTooSmall(), start: 1, stays: 1, told: "ends before"},
		{name: "closed after the answer", answer: closedAfter(), harmless: true},
		{name: "100 and 103 before the answer", answer: continued, harmless: true},
		{name: "100 without end", answer: endless("", "HTTP/1.1 100 Continue\r\n\r\n"), stays: 1, told: "header"},
		{name: "a header without end", answer: endless("HTTP/1.1 200 OK\r\n", "X-More: and more\r\n"), stays: 1, told: "header"},
		{name: "no HTTP", answer: noHTTP(), first: true, start: 2, stays: 1, told: "does not speak HTTP"},
		{name: "black hole", answer: blackHole, hangs: true, start: 1, stays: 1, told: "no answer within"},
		{name: "black hole after the head", answer: holeAfterHead, hangs: true, stays: 1, told: "no answer within"},
		{name: "slow drip", answer: slowDrip, hangs: true, stays: 1, told: "no answer within"},
		{name: "a body without end", answer: endless("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[[", "0.25,"), first: true, start: 2, stays: 1, told: "longer than", more: moreKinds},
		{name: "a failure without end", answer: endless("HTTP/1.1 500 No\r\nContent-Type: text/plain\r\n\r\n", "no "), stays: 1, told: "500"},
		{name: "a gzip bomb", answer: bomb, first: true, start: 2, stays: 1, told: "longer than"},
		{name: "gzip", answer: zipped, harmless: true},
		{name: "what is not gzip", answer: falselyZipped, stays: 1, told: "gzip"},
		{name: "500 as a page", answer: status(500), start: 1, stays: 1, told: "500", more: "openai"},
		{name: "502 as a page", answer: status(502), stays: 1, told: "502", more: "huggingface"},
		{name: "503 as a page", answer: status(503), start: 1, stays: 1, told: "503", more: "openai"},
		{name: "504 as a page", answer: status(504), stays: 1, told: "504", more: "cohere"},
		{name: "520 as a page", answer: status(520), stays: 1, told: "520"},
		{name: "401 as a page", answer: status(401), fatal: true, start: 5, stays: 5, told: "401", more: "sie"},
		{name: "402 as a page", answer: status(402), fatal: true, stays: 5, told: "402", more: "huggingface"},
		{name: "404 as a page", answer: status(404), fatal: true, start: 4, stays: 1, told: "404", more: "ollama"},
		{name: "204", answer: status(204), first: true, start: 2, stays: 1, told: "204", more: "openai"},
		{name: "a page under 200", answer: status(200), first: true, start: 2, stays: 1, told: "text/html, not JSON", more: "ollama"},
		{name: "the request in a failure", answer: echoing, start: 1, stays: 1, told: "500", more: moreKinds},
		{name: "a redirect", answer: redirect("http://127.0.0.1:9", 307), first: true, start: 2, stays: 1, told: "redirects to http://127.0.0.1:9/", more: "openai"},
	}
}

// answerFaults are those of what is in the answers.
func answerFaults() []endpointFault {
	return []endpointFault{
		{name: "an empty body", answer: saidJSON(""), start: 1, stays: 1, told: "ends before", more: moreKinds},
		{name: "null", answer: saidJSON("null"), first: true, start: 1, stays: 1, told: "answer", more: moreKinds},
		{name: "an empty object", answer: saidJSON("{}"), first: true, start: 2, stays: 1, told: "neither vectors nor an error", more: moreKinds},
		{name: "an empty list", answer: saidJSON("[]"), fatal: true, start: 2, stays: 1, told: "answer", more: moreKinds},
		{name: "an error object under 200", answer: saidJSON(`{"error":{"message":"worker died","type":"internal"}}`), first: true, start: 1, stays: 1, told: "worker died", more: moreKinds},
		{name: "an error text under 200", answer: saidJSON(`{"error":"worker died"}`), first: true, stays: 1, told: "worker died", more: "ollama"},
		{name: "truncated JSON", answer: rewritten(func(good []byte) []byte { return good[:len(good)/2] }), start: 1, stays: 1, told: "ends before", more: moreKinds},
		{name: "garbage behind the JSON", answer: rewritten(func(good []byte) []byte { return append(good, "garbage"...) }), stays: 1, told: "the end expected", more: moreKinds},
		{name: "the JSON twice", answer: rewritten(func(good []byte) []byte { return append(good, good...) }), stays: 1, told: "the end expected", more: "openai"},
		{name: "JSON behind a byte order mark", answer: rewritten(func(good []byte) []byte { return append([]byte("\xef\xbb\xbf"), good...) }), harmless: true, more: "openai"},
		{name: "lists in lists without end", answer: saidJSON(strings.Repeat("[", 100_000)), fatal: true, start: 1, stays: 1, told: "answer", more: moreKinds},
		{name: "objects in objects without end", answer: saidJSON(strings.Repeat(`{"a":`, 100_000)), first: true, stays: 1, told: "answer", more: moreKinds},
		{name: "numbers in place of vectors", answer: rows(func([]any) []any { return []any{1, 2, 3} }), fatal: true, start: 1, stays: 1, told: "answer", more: moreKinds},
		{name: "a vector too few", answer: rows(tooFew), fatal: true, start: 2, stays: 1, told: "vectors for", more: moreKinds},
		{name: "a vector too many", answer: rows(tooMany), fatal: true, start: 1, stays: 1, told: "vectors for", more: moreKinds},
		{name: "another dimension", answer: allVectors(longer), fatal: true, stays: 1, told: "dimensions", more: moreKinds},
		{name: "two dimensions in an answer", answer: firstVector(longer), fatal: true, stays: 1, told: "lengths", more: moreKinds},
		{name: "zeros in place of vectors", answer: allVectors(full(0)), fatal: true, start: 2, stays: 1, told: "refuses every text", more: "openai"},
		{name: "strings in place of numbers", answer: allVectors(func([]any) any { return []any{"a", "b"} }), start: 1, stays: 1, told: "a number expected", more: moreKinds},
		{name: "an index twice", answer: indices(func(int, int) any { return 0 }), only: "openai", fatal: true, stays: 1, told: "index 0 twice"},
		{name: "an index for some", answer: indices(func(i, _ int) any { return map[bool]any{true: 0}[i == 0] }), only: "openai", fatal: true, stays: 1, told: "an index for some"},
		{name: "an index beyond the texts", answer: indices(func(i, n int) any { return (i + 1) % (n + 1) }), only: "openai", fatal: true, stays: 1, told: "an index that is none"},
		{name: "an index that is no number", answer: indices(func(i, _ int) any { return float64(i) + 0.5 }), only: "openai", fatal: true, stays: 1, told: "an index that is none"},
		{name: "another order, with an index", answer: rows(shuffled), only: "openai", harmless: true},
		{name: "no index", answer: indices(func(int, int) any { return nil }), only: "openai", harmless: true},
	}
}

func (f endpointFault) kinds() []string {
	if f.only != "" {
		return []string{f.only}
	}
	return append([]string{"tei"}, strings.Fields(f.more)...)
}

// TestNoFaultOfAnEndpointHarmsTheIndex has faults come and go, come and stay,
// and be there from the first request on. It wants the index of a run without
// faults: at once, or from a run that follows.
func TestNoFaultOfAnEndpointHarmsTheIndex(t *testing.T) {
	t.Parallel()
	corpus := corpusOf(t, 80)
	want := cleanIndex(t, "tei", corpus)
	meet(t, append(transportFaults(), answerFaults()...), corpus, want)
}

// TestNoFaultOfAnEndpointOfImagesHarmsTheIndex does the same over the route
// that takes one image as the body of a request.
func TestNoFaultOfAnEndpointOfImagesHarmsTheIndex(t *testing.T) {
	t.Parallel()
	if !*allFaults {
		t.Skip("with -all-faults")
	}
	corpus := picturesOf(t, 12)
	want := cleanIndex(t, "raw", corpus)
	meet(t, []endpointFault{
		{name: "reset in mid-body", answer: resetInBody(), stays: 1, told: "connection"},
		{name: "a page under 200", answer: status(200), first: true, stays: 1, told: "text/html, not JSON"},
		{name: "a body without end", answer: endless("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[", "0.25,"), first: true, stays: 1, told: "longer than"},
		{name: "truncated JSON", answer: rewritten(func(good []byte) []byte { return good[:len(good)/2] }), stays: 1, told: "ends before"},
		{name: "an error text under 200", answer: saidJSON(`{"error":"worker died"}`), first: true, stays: 1, told: "worker died"},
		{name: "two vectors", answer: saidJSON("[[1,2,3,4,5,6,7,8],[1,2,3,4,5,6,7,8]]"), fatal: true, stays: 1, told: "2 vectors for 1 inputs"},
		{name: "another dimension", answer: allVectors(longer), fatal: true, stays: 1, told: "dimensions"},
		{name: "zeros in place of vectors", answer: allVectors(full(0)), fatal: true, stays: 1, told: "refuses every text"},
	}, corpus, want, "raw")
}

// meet runs the corpus over servers with each of the faults: those of the kinds
// that each fault names, or of the one that is given.
func meet(t *testing.T, faults []endpointFault, corpus, want string, kind ...string) {
	t.Helper()
	var group errgroup.Group
	group.SetLimit(atOnce)
	for n, f := range faults {
		if len(kind) > 0 {
			f.only = kind[0]
		}
		kinds := f.kinds()
		if !*allFaults {
			kinds = kinds[n%len(kinds):][:1]
		}
		story := func(name string, tell func(t *testing.T)) {
			group.Go(func() error {
				t.Run(f.name+"/"+name, tell)
				return nil
			})
		}
		for i, kind := range kinds {
			if f.harmless {
				story(kind+", always", func(t *testing.T) { f.passes(t, corpus, kind, want, always) })
				continue
			}
			if !f.fatal {
				bad := nowAndThen
				if f.first {
					bad = afterProbe
				}
				story(kind+", passes", func(t *testing.T) { f.passes(t, corpus, kind, want, bad) })
			}
			if f.fatal || i == 0 && *allFaults {
				story(kind+", stays", func(t *testing.T) { f.remains(t, corpus, kind, want, i == 0) })
			}
			if i == 0 && f.start > 0 && *allFaults {
				story(kind+", from the start", func(t *testing.T) { f.begins(t, corpus, kind) })
			}
		}
	}
	_ = group.Wait()
}

// passes meets the fault now and then.
func (f endpointFault) passes(t *testing.T, corpus, kind, want string, bad func(int64) bool) {
	server := newFaulty(t, f.answer, bad)
	l := loading{kind: kind, url: address(kind, server.URL), corpus: corpus, index: filepath.Join(t.TempDir(), "index.db")}
	l.flags = []string{"--retry-for", "2m", "--warm-up", "2m"}
	if f.hangs {
		l.flags = append(l.flags, "--timeout", "400ms")
	}
	l.run(t).wantCode(t, exitDone)
	wantIndex(t, l.index, want, true)
}

// impatient gives up soon.
func (f endpointFault) impatient() []string {
	flags := []string{"--retry-for", "600ms", "--warm-up", "300ms"}
	if f.hangs {
		flags = append(flags, "--timeout", "400ms")
	}
	return flags
}

// remains meets the fault from the middle of the run on, and runs again without
// it if that is wanted.
func (f endpointFault) remains(t *testing.T, corpus, kind, want string, again bool) {
	server := newFaulty(t, f.answer, fromFifth)
	l := loading{kind: kind, url: address(kind, server.URL), corpus: corpus, index: filepath.Join(t.TempDir(), "index.db"), flags: f.impatient()}
	done := l.run(t)
	done.wantCode(t, f.stays)
	done.wantTold(t, strings.TrimPrefix(server.URL, "http://"), f.told)
	wantIndex(t, l.index, want, false)
	if !again {
		return
	}
	l.url, l.flags = address(kind, newFaulty(t, nil, never).URL), nil
	l.run(t).wantCode(t, exitDone)
	wantIndex(t, l.index, want, true)
}

// begins meets the fault from the first request on.
func (f endpointFault) begins(t *testing.T, corpus, kind string) {
	server := newFaulty(t, f.answer, always)
	l := loading{kind: kind, url: address(kind, server.URL), corpus: corpus, index: filepath.Join(t.TempDir(), "index.db"), flags: f.impatient()}
	done := l.run(t)
	done.wantCode(t, f.start)
	done.wantTold(t, strings.TrimPrefix(server.URL, "http://"))
	wantIndex(t, l.index, "", true)
}

// cleanIndex is what the corpus makes without faults.
func cleanIndex(t *testing.T, kind, corpus string) string {
	t.Helper()
	server := newFaulty(t, nil, never)
	clean := loading{kind: kind, url: address(kind, server.URL), corpus: corpus, index: filepath.Join(t.TempDir(), "index.db")}
	clean.run(t).wantCode(t, exitDone)
	want, err := dumpIndex(clean.index)
	if err != nil {
		t.Fatal(err)
	}
	if want == "" {
		t.Fatal("the index of a run without faults is empty")
	}
	return want
}
