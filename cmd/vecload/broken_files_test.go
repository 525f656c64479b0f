//go:build unix

package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// ofABrokenCorpus is a word that the texts of broken files hold and no message
// may.
const ofABrokenCorpus = "xyzzy"

// brokenRun is a corpus with something wrong in it, and what a run makes of it.
type brokenRun struct {
	name  string
	files map[string][]byte // read in the order of their names
	exit  int
	// of the report
	written, rejected int
	stderr            []string // what it says
	reasons           []string // in the rejects, in their order
	most              int64    // resident memory in MB; 0: 200
	payload           string
}

const (
	firstGood  = `{"id":"a","text":"xyzzy the first"}` + "\n"
	secondGood = `{"id":"b","text":"xyzzy the second"}` + "\n"
)

// inPieces compresses pieces one after the other, so that none is held in memory as
// a whole.
func inPieces(t *testing.T, pieces ...func(write func(string))) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	for _, piece := range pieces {
		piece(func(s string) {
			if _, err := z.Write([]byte(s)); err != nil {
				t.Fatal(err)
			}
		})
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func text(s string) func(func(string)) { return func(write func(string)) { write(s) } }

func times(n int, s string) func(func(string)) {
	return func(write func(string)) {
		for range n {
			write(s)
		}
	}
}

// lyingFooter is a Parquet file whose schema says that it has two billion
// columns.
func lyingFooter() []byte {
	footer := []byte{0x15, 2, 0x19, 0x2c} // version 1; a list of two structs
	footer = append(footer, 0x48, 6)
	footer = append(footer, "schema"...)
	footer = binary.AppendVarint(append(footer, 0x15), 1<<31-1) // children
	footer = append(footer, 0, 0x15, 12, 0x25, 0, 0x18, 4)
	footer = append(footer, "text"...)
	footer = append(footer, 0, 0x16, 0, 0x19, 0x0c, 0)
	file := append([]byte("PAR1"), footer...)
	return append(binary.LittleEndian.AppendUint32(file, uint32(len(footer))), "PAR1"...)
}

func brokenRuns(t *testing.T) []brokenRun {
	t.Helper()
	mib := strings.Repeat("x", 1<<20)
	whole := inPieces(t, text(firstGood+secondGood))
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close() //nolint:errcheck // it writes nowhere
	zst := z.EncodeAll([]byte(firstGood+secondGood), nil)
	return []brokenRun{
		{
			name: "a second file that is cut off", exit: 1, written: 3,
			files:  map[string][]byte{"1.jsonl": []byte(`{"id":"c","text":"xyzzy"}`), "2.jsonl.gz": whole[:len(whole)-4]},
			stderr: []string{"2.jsonl.gz, line 3: the compressed data ends early", "→ the file is damaged or was not written to its end; fetch or write it again"},
		},
		{
			name: "zstd with text behind it", exit: 1, written: 2,
			files:  map[string][]byte{"1.jsonl.zst": append(zst, "and more"...)},
			stderr: []string{"1.jsonl.zst, line 3: what follows the compressed data is not compressed"},
		},
		{
			name: "lines that are broken between good ones", exit: 3, written: 2, rejected: 7,
			files: map[string][]byte{"1.jsonl": []byte(firstGood + "[1]\n{\n" + "{\"id\":\"n\",\"text\":\"\x00\"}\n" + "{\"id\":\"n\",\"text\":\"\xff\"}\n" +
				`{"id":"n","text":"\ud800"}` + "\n" + `{"id":"n","id":"m","text":"xyzzy"}` + "\n" + strings.Repeat("[", 1<<20) + "\n" + secondGood)},
			reasons: []string{":2: the line does not hold an object", ":3: malformed JSON", ":4: malformed JSON: a control character", ":5: invalid UTF-8", ":6: an escape of half", ":7: duplicate key", ":8: more than 1000 levels"},
		},
		{
			name: "the same id with another text", exit: 3, written: 1, rejected: 1,
			files:   map[string][]byte{"1.jsonl": []byte(firstGood + `{"id":"a","text":"xyzzy another"}` + "\n" + firstGood)},
			reasons: []string{`:2: an earlier document has the id, with other content: "a"`},
		},
		{
			name: "a text that is a list", exit: 3, written: 1, rejected: 1,
			files:   map[string][]byte{"1.jsonl": []byte(firstGood + `{"id":"n","text":["xyzzy"]}`)},
			reasons: []string{":2: field text is a list, not a text"},
		},
		{
			name: "Parquet under a name of JSONL", exit: 2, written: 1,
			files:  map[string][]byte{"1.jsonl": []byte(firstGood), "2.jsonl": []byte("PAR1 and so on PAR1")},
			stderr: []string{"2.jsonl: the file is Parquet, not JSONL", "→ give the file the extension of what it holds"},
		},
		{
			name: "JSONL under a name of Parquet", exit: 2, written: 1,
			files:  map[string][]byte{"1.jsonl": []byte(firstGood), "2.parquet": []byte(firstGood)},
			stderr: []string{"2.parquet: the file is not Parquet"},
		},
		{
			name: "encrypted Parquet", exit: 2, written: 1,
			files:  map[string][]byte{"1.jsonl": []byte(firstGood), "2.parquet": []byte("PARE and so on PARE")},
			stderr: []string{"2.parquet: the file is encrypted", "→ write it without encryption"},
		},
		{
			name: "a footer that asks for 32 GiB", exit: 1, written: 1,
			files:  map[string][]byte{"1.jsonl": []byte(firstGood), "2.parquet": lyingFooter()},
			stderr: []string{"2.parquet, footer: the footer is malformed"},
		},
		{
			name: "a line of 512 MiB in half a MiB", exit: 3, written: 2, rejected: 1, most: 250,
			files:   map[string][]byte{"1.jsonl.gz": inPieces(t, text(firstGood+`{"id":"n","text":"`), times(512, mib), text("\"}\n"+secondGood))},
			reasons: []string{":2: the line is longer than 64 MiB"},
		},
		{
			name: "a line of 60 MiB that nobody wants", exit: 0, written: 2, most: 250, payload: "id",
			files: map[string][]byte{"1.jsonl.gz": inPieces(t, text(`{"junk":"`), times(60, mib), text(`",`+firstGood[1:]+secondGood))},
		},
		{
			name: "names that would move the cursor", exit: 3, written: 1, rejected: 1,
			files:   map[string][]byte{"\x1b[2J\nred.jsonl": []byte(firstGood + "{\n")},
			reasons: []string{":2: malformed JSON"},
		},
		{
			name: "columns that would move the cursor", exit: 2,
			files:  map[string][]byte{"1.jsonl": []byte(`{"\u001b[2J\u009b31m":1}`)},
			stderr: []string{"no field holds texts; fields: "},
		},
	}
}

func TestBrokenFilesThroughTheProgram(t *testing.T) {
	t.Parallel()
	for _, tc := range brokenRuns(t) {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.check(t)
		})
	}
}

func (b *brokenRun) check(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	corpus, index := filepath.Join(dir, "corpus"), filepath.Join(dir, "index.db")
	if err := os.Mkdir(corpus, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range b.files {
		if err := os.WriteFile(filepath.Join(corpus, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	arguments := []string{"run", corpus, "--sqlite", index, "--model", "builtin", "--rejects", filepath.Join(dir, "rejects.jsonl"), "--report", filepath.Join(dir, "report.json")}
	if !strings.HasPrefix(b.name, "columns") {
		arguments = append(arguments, "--id", "id", "--text", "text")
	}
	if b.payload != "" {
		arguments = append(arguments, "--payload", b.payload)
	}
	command := exec.Command("vecload", arguments...)
	var stdout, stderr bytes.Buffer
	command.Dir, command.Stdout, command.Stderr = dir, &stdout, &stderr
	err := command.Run()
	if command.ProcessState == nil {
		t.Fatal(err)
	}
	shown := stdout.String() + stderr.String()
	if got := command.ProcessState.ExitCode(); got != b.exit {
		t.Fatalf("exit code %d, want %d:\n%s", got, b.exit, shown)
	}
	b.checkMessages(t, shown, stderr.String())
	b.checkReport(t, dir)
	most := b.most
	if most == 0 {
		most = 200
	}
	if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		mb := usage.Maxrss >> 10 // in KiB on Linux
		t.Logf("%d MB, %s", mb, command.ProcessState.UserTime())
		if mb > most && !raced {
			t.Errorf("%d MB of memory, want at most %d", mb, most)
		}
	}
}

func (b *brokenRun) checkMessages(t *testing.T, shown, stderr string) {
	t.Helper()
	for _, want := range b.stderr {
		if !strings.Contains(stderr, want) {
			t.Errorf("got\n%s\nwant %s", stderr, want)
		}
	}
	if strings.Contains(shown, ofABrokenCorpus) || len(shown) > 4000 {
		t.Errorf("%d bytes of messages, or what was read is among them: %.4000s", len(shown), shown)
	}
	if !utf8.ValidString(shown) || strings.ContainsFunc(shown, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
		t.Errorf("control characters reach the terminal: %q", shown)
	}
}

func (b *brokenRun) checkReport(t *testing.T, dir string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Exit                                           int `json:"exit_code"`
		Read, Written, Unchanged, Rejected, Unfinished int
		Points                                         int
	}
	if err := json.Unmarshal(data, &report); err != nil {
		t.Fatal(err)
	}
	if report.Written != b.written || report.Rejected != b.rejected || report.Points != b.written || report.Unfinished != 0 || report.Exit != b.exit {
		t.Errorf("%d written, %d rejected, want %d and %d; all points, nothing unfinished and exit code %d: %+v", report.Written, report.Rejected, b.written, b.rejected, b.exit, report)
	}
	if report.Read != report.Written+report.Unchanged+report.Rejected {
		t.Errorf("the numbers do not add up: %+v", report)
	}
	content, err := os.ReadFile(filepath.Join(dir, "rejects.jsonl"))
	if err != nil && b.rejected > 0 {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	if b.rejected == 0 {
		lines = nil
	}
	if len(lines) != b.rejected {
		t.Fatalf("%d rejects are written down, want %d", len(lines), b.rejected)
	}
	for i, line := range lines {
		var reject struct {
			File, Class, Reason string
			Row                 int
		}
		if err := json.Unmarshal([]byte(line), &reject); err != nil || reject.File == "" || reject.Row == 0 || reject.Class != "rejected" {
			t.Errorf("reject %d has no place: %+v, %v", i, reject, err)
		}
		if i < len(b.reasons) && !strings.Contains(reject.Reason, b.reasons[i]) {
			t.Errorf("the reason is %s, want %s", reject.Reason, b.reasons[i])
		}
	}
}
