package configs_test

import (
	"strings"
	"testing"

	"github.com/vecload/vecload/configs"
)

func TestTokenOverHTTPStaysOnThisMachine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		url  string
		want bool // the token may be sent
	}{
		{"https://tei.internal", true},
		{"HTTPS://tei.internal", true},
		{"http://localhost:8080", true},
		{"http://LOCALHOST", true},
		{"http://api.localhost", true},
		{"http://127.0.0.1:1", true},
		{"http://127.9.9.9", true},
		{"http://[::1]:8080/x", true},
		{"http://[::ffff:127.0.0.1]", true},
		{"http://tei.internal", false},
		{"HTTP://tei.internal", false},
		{"http://10.0.0.1", false},
		{"http://0.0.0.0", false},
		{"http://localhost.evil.example", false},
		{"http://127.0.0.1.evil.example", false},
		{"http://[fe80::1]", false},
	} {
		text := "embed: {model: a/b, endpoints: [{tei: {url: '" + tt.url + "', token: '${TOKEN}'ALLOW}}]}"
		for allow, want := range map[string]bool{"": tt.want, ", allow_clear_text: true": true} {
			c, err := configs.Parse("", []byte(strings.ReplaceAll(text, "ALLOW", allow)), secretEnv())
			if err != nil {
				t.Errorf("%s: %v", tt.url, err)
				continue
			}
			if got := c.Validate() == nil; got != want {
				t.Errorf("%s%s: Validate = %v, want that it may be sent is %v", tt.url, allow, c.Validate(), want)
			}
		}
	}
}
