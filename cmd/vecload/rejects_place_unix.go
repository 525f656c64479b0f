//go:build unix

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// lock locks a file against other runs until it is closed. Where the file
// system has no locks it is not locked.
func lock(file *os.File) (*lockedFile, error) {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return nil, errTaken
		}
		return &lockedFile{file}, nil
	}
}

// openStream opens a device or a pipe, and does not wait for somebody to read
// the pipe.
func openStream(path string) (output, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) {
		return nil, errors.New("is a pipe that nobody reads, or a socket")
	}
	if err != nil {
		return nil, err
	}
	return file, nil
}

// planted reports whether what is at path was put there by another user, in a
// folder that everybody may write to: the rule of protected_symlinks and
// protected_fifos in proc_sys_fs(5), which not every system has.
func planted(path string, info fs.FileInfo) bool {
	if info.Mode()&(fs.ModeSymlink|fs.ModeNamedPipe|fs.ModeSocket) == 0 {
		return false
	}
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil || folder.Mode().Perm()&0o002 == 0 {
		return false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	ofFolder, too := folder.Sys().(*syscall.Stat_t)
	return ok && too && int(owner.Uid) != os.Geteuid() && owner.Uid != ofFolder.Uid
}
