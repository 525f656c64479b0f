package sources_test

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/jsonl"
)

func TestADeviceIsNoFileOfACorpus(t *testing.T) {
	t.Parallel()
	root := tree(t, "a.jsonl")
	if err := os.Symlink("/dev/null", root+"/device.jsonl"); err != nil {
		t.Fatal(err)
	}
	_, err := sources.Files([]string{root + "/device.jsonl"}, named())
	if pipeline.Classify(err) != pipeline.Misconfigured || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("got %v, want a refusal of what is not a regular file", err)
	}
	files, err := sources.Files([]string{root + "/*.jsonl"}, named())
	if err != nil || len(files) != 1 {
		t.Errorf("the pattern gave %q, %v; want a.jsonl alone", files, err)
	}
}

// endless is a stream of one byte without an end or a line.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.read += int64(len(p)); e.read > 256<<20 {
		return 0, io.ErrNoProgress // instead of filling the memory
	}
	return len(p), nil
}

func TestAGuessOfAStreamWithoutLinesEnds(t *testing.T) {
	t.Parallel()
	stream := &endless{}
	input := sources.Input{Files: []string{"-"}, Formats: []sources.Format{jsonl.Format()}, Stdin: sources.NewStdin(stream)}
	_, err := sources.Guess(t.Context(), input, sources.Mapping{})
	if pipeline.Classify(err) != pipeline.Misconfigured {
		t.Errorf("got %v after %d MiB, want that no record was found", err, stream.read>>20)
	}
}
