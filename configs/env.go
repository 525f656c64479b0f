package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Env is the part of the world that a configuration may look at.
type Env struct {
	// Lookup returns the value of an environment variable and whether it is
	// set, as [os.LookupEnv] does. With nil, none is set.
	Lookup func(name string) (string, bool)
	// ReadFile returns the content and the mode of the file of a secret. With
	// nil, the file system is read.
	ReadFile func(name string) ([]byte, fs.FileMode, error)
}

func (e Env) lookup(name string) (string, bool) {
	if e.Lookup == nil {
		return "", false
	}
	return e.Lookup(name)
}

// secretFile reads the first line of a file. A file that others may read is
// accepted, since orchestrators mount secrets that way; one that others may
// write is not, since they could put their own token there.
func (e Env) secretFile(written string) (Secret, error) {
	path, err := e.expand(written)
	if err != nil {
		return Secret{}, err
	}
	if path == "" {
		return Secret{}, errors.New("gives no path after file")
	}
	read := e.ReadFile
	if read == nil {
		read = readFile
	}
	data, mode, err := read(path)
	if err != nil {
		if pathError, ok := errors.AsType[*fs.PathError](err); ok {
			err = pathError.Err
		}
		return Secret{}, fmt.Errorf("cannot read the file %s: %w", quote(written), err)
	}
	if mode.Perm()&0o002 != 0 {
		return Secret{}, fmt.Errorf("the file %s can be written by everybody; take that right away (chmod o-w)", quote(written))
	}
	line, _, _ := bytes.Cut(bytes.TrimLeft(data, " \t\r\n"), []byte("\n"))
	value := strings.TrimSpace(string(line))
	if value == "" {
		return Secret{}, fmt.Errorf("the file %s is empty", quote(written))
	}
	return headerSafe(value)
}

// maxSecretFile is far above any token, and keeps a wrong path from being
// read whole.
const maxSecretFile = 64 << 10

func readFile(name string) ([]byte, fs.FileMode, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.New("is not a regular file")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxSecretFile))
	return data, info.Mode(), err
}

// expand replaces each ${NAME} in text.
func (e Env) expand(text string) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || !variableName(name) {
			return "", errors.New("holds ${ that does not begin a ${NAME}")
		}
		value, set := e.lookup(name)
		if !set {
			return "", fmt.Errorf("the environment variable %s is not set", name)
		}
		b.WriteString(value)
		text = after
	}
}

// variable returns the name in a text that is ${NAME} and nothing else.
func variable(text string) (string, bool) {
	name, ok := strings.CutPrefix(text, "${")
	if !ok {
		return "", false
	}
	name, ok = strings.CutSuffix(name, "}")
	return name, ok && variableName(name)
}

func variableName(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c == '_' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// HuggingFaceToken returns the token that Hugging Face's own client would
// use: HF_TOKEN, HUGGING_FACE_HUB_TOKEN, or the token file, whose place is
// HF_TOKEN_PATH, HF_HOME/token or huggingface/token in the cache folder. It is
// meant for the host router.huggingface.co and no other. Without one it
// returns no secret: public models may be asked without.
func HuggingFaceToken(env Env) Secret {
	for _, name := range []string{"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"} {
		if value, _ := env.lookup(name); value != "" {
			secret, err := headerSafe(strings.TrimSpace(value))
			if err == nil {
				return secret
			}
		}
	}
	secret, err := env.secretFile(huggingFaceTokenPath(env))
	if err != nil {
		return Secret{}
	}
	return secret
}

func huggingFaceTokenPath(env Env) string {
	if path, _ := env.lookup("HF_TOKEN_PATH"); path != "" {
		return path
	}
	if home, _ := env.lookup("HF_HOME"); home != "" {
		return filepath.Join(home, "token")
	}
	if cache, _ := env.lookup("XDG_CACHE_HOME"); cache != "" {
		return filepath.Join(cache, "huggingface", "token")
	}
	if home, _ := env.lookup("HOME"); home != "" {
		return filepath.Join(home, ".cache", "huggingface", "token")
	}
	return ""
}
