package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/vecload/vecload/pipeline"
)

// opened is the file, and its log, that a writer has open. SQLite goes on
// writing to a file that was removed or replaced, without a word, and what it
// writes is found by nobody.
type opened struct {
	file, log os.FileInfo // nil: not seen yet
}

// see looks at the file that was opened, and at its log once it is there.
func (o *opened) see(path string) error {
	for _, part := range []struct {
		path string
		seen *os.FileInfo
		must bool
	}{{path, &o.file, true}, {path + "-wal", &o.log, o.log != nil}} {
		now, err := os.Stat(part.path)
		switch {
		case errors.Is(err, fs.ErrNotExist) && !part.must:
		case errors.Is(err, fs.ErrNotExist):
			return vanished(part.path, "is gone, or the folder that it was in")
		case err != nil:
			return err
		case *part.seen != nil && !os.SameFile(*part.seen, now):
			return vanished(part.path, "is another file now")
		default:
			*part.seen = now
		}
	}
	return nil
}

func vanished(path, how string) error {
	return &pipeline.Error{
		Op: path, Class: pipeline.Fatal,
		Hint: "see who removes or replaces the file while vecload writes to it, then run the same command again",
		Err:  fmt.Errorf("the file %s; what this run wrote may be lost", how),
	}
}
