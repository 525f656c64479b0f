package configs_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vecload/vecload/configs"
)

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"*.yaml", "testdata/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no files %s (%v)", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	env := configs.Env{
		Lookup: func(name string) (string, bool) { return theSecret, name != "NOT_SET" },
		ReadFile: func(name string) ([]byte, fs.FileMode, error) {
			return []byte(theSecret), 0o400, nil
		},
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := configs.Parse("f.yaml", data, env)
		if err == nil {
			err = c.Validate()
		}
		if err == nil {
			return
		}
		e, ok := errors.AsType[*configs.Error](err)
		if !ok || len(e.Problems) == 0 {
			t.Fatalf("Parse = %T %v, want an *Error with problems", err, err)
		}
		lines := bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) + 2
		for i, p := range e.Problems {
			if p.Text == "" || p.Line < 0 || p.Column < 0 {
				t.Errorf("problem %+v says nothing", p)
			}
			if p.Line > lines && !bytes.ContainsAny(data, "\x00\u0085\u2028\u2029") {
				t.Errorf("problem %+v is behind the end of a file of %d lines", p, lines)
			}
			if i > 0 && p.Line < e.Problems[i-1].Line {
				t.Errorf("problems are out of order: %v", err)
			}
			for _, word := range []string{"configs.", "reflect.", "yaml.", "libyaml"} {
				if strings.Contains(p.Text, word) && !bytes.Contains(data, []byte(word)) {
					t.Errorf("problem %q names %s, which users do not know", p.Text, word)
				}
			}
		}
	})
}
