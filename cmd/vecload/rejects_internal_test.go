package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources/jsonl"
)

func rejection(doc pipeline.Document, reason string) pipeline.Rejection {
	doc.Origin = pipeline.Origin{File: "docs.jsonl", Row: 7}
	return pipeline.Rejection{Document: doc, Err: pipeline.Reject(doc.Origin, errors.New(reason))}
}

// nested is a value of so many levels.
func nested(levels int) pipeline.Value {
	v := pipeline.Int(1)
	for range levels {
		v = pipeline.List([]pipeline.Value{v})
	}
	return v
}

func TestEveryRejectIsOneLineThatCanBeReadAgain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		doc   pipeline.Document
		whole bool
	}{
		"a text":            {pipeline.Document{ID: "a", Text: "two\nlines\x00\u2028\""}, true},
		"large":             {pipeline.Document{ID: "a", Text: strings.Repeat("ten bytes ", 90_000)}, true},
		"no UTF-8":          {pipeline.Document{ID: "a\xff", Text: "b\xff\xfe"}, true},
		"bytes":             {pipeline.Document{ID: "a", Image: pipeline.Image{Data: "\xff\xd8\xff\x00\n"}}, true},
		"deep":              {pipeline.Document{ID: "a", Text: "b", Payload: []pipeline.Field{{Name: "p", Value: nested(900)}}}, true},
		"too deep":          {pipeline.Document{ID: "a", Text: "b", Payload: []pipeline.Field{{Name: "p", Value: nested(999)}}}, false},
		"too large to read": {pipeline.Document{ID: "a", Text: strings.Repeat("\x01", 1<<20/6)}, false},
		"nothing":           {pipeline.Document{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := appendReject(nil, rejection(tt.doc, "a reason"), 1<<20)
			if strings.ContainsAny(string(line), "\n\r") || !strings.HasPrefix(string(line), rejectBegin) {
				t.Errorf("no line of a rejects file: %.100q", line)
			}
			if _, err := jsonl.Parse(line); err != nil || len(line) > 1<<20 {
				t.Errorf("%d bytes cannot be read again: %v", len(line), err)
			}
			if got := !strings.Contains(string(line), `"retry":false`); got != tt.whole {
				t.Errorf("it can be retried: %v, want %v", got, tt.whole)
			}
		})
	}
}

func TestReasonsAreCutAtWholeCharacters(t *testing.T) {
	t.Parallel()
	for shift := range 4 {
		reason := strings.Repeat("x", shift) + strings.Repeat("語", 2000)
		var line struct{ Reason string }
		if err := json.Unmarshal(appendReject(nil, rejection(pipeline.Document{ID: "a", Text: "b"}, reason), 1<<20), &line); err != nil {
			t.Fatal(err)
		}
		if n := len(line.Reason); n > maxReason || n < maxReason-4 || !utf8.ValidString(line.Reason) || strings.ContainsRune(line.Reason, utf8.RuneError) {
			t.Errorf("%d bytes, ends %q", n, line.Reason[n-6:])
		}
	}
}

func TestReasonsHoldNothingOfDocumentsAndAreBounded(t *testing.T) {
	t.Parallel()
	var r reasons
	for i := range 1000 {
		r.add(rejection(pipeline.Document{ID: "a"}, fmt.Sprintf("at byte %d of %q: no", i, `the "secret" \ text`)))
	}
	for i := range 300 {
		r.add(rejection(pipeline.Document{ID: "a"}, "kind "+strings.Repeat("i", i)+"\x1b[31m"))
	}
	list := r.forMachines()
	if len(list) != reasonsReported+1 || list[0].Count != 1000 || list[0].Reason != `at byte 0 of "…": no` {
		t.Errorf("%d kinds, the first %+v", len(list), list[0])
	}
	sum := int64(0)
	for _, reason := range list {
		sum += reason.Count
		if strings.Contains(reason.Reason, "secret") || strings.Contains(reason.Reason, "\x1b") || len(reason.Reason) > reasonLength {
			t.Errorf("reason %q", reason.Reason)
		}
	}
	if sum != 1300 {
		t.Errorf("%d are counted, want 1,300", sum)
	}
}

// brimful takes so many bytes, and no more.
type brimful struct {
	*os.File

	left int
}

func (b *brimful) Write(p []byte) (int, error) {
	n, _ := b.File.Write(p[:min(b.left, len(p))])
	if b.left -= n; n < len(p) {
		return n, errors.New("no space left on device")
	}
	return n, nil
}

func TestAFullDiskLeavesWholeLines(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rejects.jsonl")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	r := &rejectsFile{path: path, file: &brimful{file, 250}}
	one := rejection(pipeline.Document{ID: "a", Text: "b"}, "a reason")
	written := 0
	for err = r.write(one); err == nil; err = r.write(one) {
		written++
	}
	if pipeline.Classify(err) != pipeline.Fatal || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("error %v", err)
	}
	if err := r.close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), "\n"); written == 0 || n != written || !strings.HasSuffix(string(data), "\n") {
		t.Errorf("%d lines of %d written: %q", n, written, data)
	}
}

func TestOneRunAtATimeWritesARejectsFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rejects.jsonl")
	one := rejection(pipeline.Document{ID: "a", Text: "b"}, "a reason")
	first, second := newRejectsFile(path, process{}), newRejectsFile(path, process{})
	for _, r := range []*rejectsFile{first, second} {
		if err := r.begin(); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.write(one); err != nil {
		t.Fatal(err)
	}
	if err := second.write(one); !strings.Contains(fmt.Sprint(err), errTaken.Error()) {
		t.Errorf("a second run writes to the file: %v", err)
	}
	if err := newRejectsFile(path, process{}).begin(); pipeline.Classify(err) != pipeline.Misconfigured || err == nil {
		t.Errorf("a third run begins: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
		t.Errorf("the file of the first is %v, %v", info, err)
	}
	if err := first.close(); err != nil {
		t.Fatal(err)
	}
	// The same run may begin again, as when a model turns out not to be served.
	if err := errors.Join(first.begin(), first.write(one), first.close()); err != nil {
		t.Errorf("it cannot begin again: %v", err)
	}
}

func TestAPlantedLinkOrPipeIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	folder, target := t.TempDir(), filepath.Join(t.TempDir(), "target")
	link := filepath.Join(folder, "rejects.jsonl")
	if err := errors.Join(os.Chmod(folder, 0o777), os.Symlink(target, link), os.Lchown(link, 12345, 12345)); err != nil {
		t.Fatal(err)
	}
	if err := newRejectsFile(link, process{}).begin(); !errors.Is(err, errPlanted) {
		t.Errorf("error %v, want %v", err, errPlanted)
	}
	if err := writable(link); !errors.Is(err, errPlanted) {
		t.Errorf("a report may go there: %v", err)
	}
	if _, err := os.Stat(target); err == nil {
		t.Error("what the link leads to was made")
	}
	// One of the user's own is followed, and so is one in a folder of theirs.
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	r := newRejectsFile(link, process{})
	if err := errors.Join(r.begin(), r.close()); err != nil {
		t.Error(err)
	}
}
