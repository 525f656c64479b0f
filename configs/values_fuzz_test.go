package configs_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/vecload/vecload/configs"
)

// FuzzSecret reads any text as a secret: no print of it and no error shows
// what the environment or a file has.
func FuzzSecret(f *testing.F) {
	for _, seed := range []string{"${NAME}", "${file:/run/secrets/x}", "$NAME", "hf_abc", "${", "${}", "${A${B}}", "", " ${NAME} ", "${NAME:-x}"} {
		f.Add(seed)
	}
	env := configs.Env{
		Lookup:   func(name string) (string, bool) { return theSecret, name != "NOT_SET" },
		ReadFile: func(string) ([]byte, fs.FileMode, error) { return []byte(theSecret), 0o400, nil },
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, theSecret) {
			return
		}
		secret, err := configs.ParseSecret(text, env)
		for _, shown := range []string{fmt.Sprint(secret), fmt.Sprintf("%+v %#v %q", secret, secret, secret), fmt.Sprint(err)} {
			if strings.Contains(shown, theSecret) {
				t.Fatalf("%q shows the secret: %s", text, shown)
			}
		}
	})
}

// FuzzShare reads any text as a share: it is one from 0 to 1, and reads back.
func FuzzShare(f *testing.F) {
	for _, seed := range []string{"10%", "0.5", "0", "100%", "1e-9", "NaN", "Inf%", "-1", "101%", "", "%", "0x1p-2", "1_0%"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var share, again configs.Share
		if share.UnmarshalText([]byte(text)) != nil {
			return
		}
		if !(share >= 0 && share <= 1) {
			t.Fatalf("%q is the share %v", text, float64(share))
		}
		if err := again.UnmarshalText([]byte(share.String())); err != nil {
			t.Fatalf("%q reads as %s, which does not read: %v", text, share, err)
		}
	})
}
