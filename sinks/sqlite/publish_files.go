package sqlite

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// fold brings the log of a file into it, so that the file alone has
// everything. Nobody may write to it meanwhile; readers may be there.
func (p *Publisher) fold(ctx context.Context, path string) (err error) {
	x := p.index(path)
	kind, err := x.look()
	if err != nil || kind == fileMissing {
		return err
	}
	db, err := x.openWriter(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.fail("close", db.Close())) }()
	deadline := time.Now().Add(p.options.LockWait)
	for {
		// See https://sqlite.org/pragma.html#pragma_wal_checkpoint: busy is 1
		// while a reader or a writer holds the log.
		var busy, log, done int
		err := db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &done)
		if err != nil {
			return x.failContext(ctx, "fold the log of", err)
		}
		if busy == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return &pipeline.Error{
				Op: path, Class: pipeline.Transient, Hint: "wait until the other process has finished, then run the same command again",
				Err: errors.New("another process holds the log of the file"),
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// removeLog takes away the log of a file that is not there any more under
// this name. Who has the file open has its log open, too.
func (p *Publisher) removeLog(path string) error {
	var errs []error
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return p.index(path).fail("remove the log of", errors.Join(errs...))
}

// remove deletes a file and its log.
func (p *Publisher) remove(path string) error {
	err := os.Remove(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return p.index(path).fail("remove", err)
	}
	return p.removeLog(path)
}

// link gives a file a second name, or copies it where the file system knows
// no second names.
func (p *Publisher) link(from, to string) error {
	if err := p.remove(to); err != nil {
		return err
	}
	if err := os.Link(from, to); err == nil {
		return nil
	}
	return p.copy(from, to)
}

// copy makes a file of its own, on the disk when it returns.
func (p *Publisher) copy(from, to string) error {
	x := p.index(to)
	in, err := os.Open(from) //nolint:gosec // a path of the configuration
	if err != nil {
		return x.fail("copy to", err)
	}
	defer in.Close()                                                      //nolint:errcheck // opened for reading; nothing can be lost
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644) //nolint:gosec // as SQLite makes its files
	if err != nil {
		return x.fail("copy to", err)
	}
	_, err = io.Copy(out, in)
	return x.fail("copy to", errors.Join(err, out.Sync(), out.Close()))
}

// rename moves a file to a name, in place of what is there.
func (p *Publisher) rename(from, to string) error {
	return p.index(to).fail("rename "+from+" to", os.Rename(from, to))
}

// sync brings the names in the folder to the disk.
func (p *Publisher) sync() error {
	folder, err := os.Open(filepath.Dir(p.options.Path))
	if err != nil {
		return p.index(p.options.Path).fail("sync the folder of", err)
	}
	err = folder.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) || errors.Is(err, fs.ErrPermission) {
		err = nil // not every system lets folders be synced
	}
	return p.index(p.options.Path).fail("sync the folder of", errors.Join(err, folder.Close()))
}
