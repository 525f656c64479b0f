package rest

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
)

// unsaid takes a token out of what a server says, in the forms in which
// servers and proxies repeat what they were sent.
type unsaid struct{ forms *strings.Replacer }

func newUnsaid(token string) unsaid {
	if token == "" {
		return unsaid{}
	}
	var pairs []string
	for _, text := range []string{"Bearer " + token, token} {
		encoded := []string{base64.StdEncoding.EncodeToString([]byte(text)), base64.RawURLEncoding.EncodeToString([]byte(text))}
		encoded = append(encoded, strings.TrimRight(encoded[0], "="), url.QueryEscape(text), url.PathEscape(text), text)
		encoded = append(encoded, strings.Trim(strconv.Quote(text), `"`)) // as net/http quotes what it cannot read
		for _, form := range encoded {
			pairs = append(pairs, form, "…")
		}
	}
	return unsaid{forms: strings.NewReplacer(pairs...)}
}

func (u unsaid) in(text string) string {
	if u.forms == nil {
		return text
	}
	return u.forms.Replace(text)
}
