package credential_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/credential"
)

func TestATokenIsNeverPrinted(t *testing.T) {
	t.Parallel()
	const value = "hf_abcdefghijklmnop"
	token := credential.New(value + "\n")
	if token.Reveal() != value {
		t.Errorf("Reveal = %q, want %q", token.Reveal(), value)
	}
	type options struct {
		Token  credential.Token
		hidden credential.Token
	}
	o := options{token, token}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n"+verb+"\n"+verb+"\n", token, o, &o)
	}
	encoded, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "token", token, "options", o)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "token", token, "options", o)
	if strings.Contains(out.String(), "hf_") || strings.Contains(out.String(), fmt.Sprintf("%x", value[:8])) {
		t.Errorf("the secret is in %s", out.String())
	}
	if !strings.Contains(out.String(), "<secret>") {
		t.Errorf("no sign of a secret in %s", out.String())
	}
}

func TestNoTokenIsZero(t *testing.T) {
	t.Parallel()
	for _, token := range []credential.Token{{}, credential.New(""), credential.New(" \n")} {
		if !token.IsZero() || token.Reveal() != "" || token.String() != "" {
			t.Errorf("%v is not zero", token)
		}
	}
}
