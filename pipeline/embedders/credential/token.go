// Package credential holds secrets that are sent to a server.
package credential

import (
	"fmt"
	"log/slog"
	"strings"
)

// Token is a secret that cannot be printed: by fmt, by encoding packages and
// by log/slog it appears as "<secret>". The zero Token is no secret.
type Token struct {
	// A pointer, since fmt prints the strings in unexported fields of
	// structures that hold a Token, and of a pointer only its address.
	value *string
}

const hidden = "<secret>"

// New returns a token with the white space around it removed, as it comes
// from files that end in a line break. An empty value gives the zero Token.
func New(value string) Token {
	value = strings.TrimSpace(value)
	if value == "" {
		return Token{}
	}
	return Token{value: &value}
}

// IsZero reports whether there is no secret.
func (t Token) IsZero() bool { return t.value == nil }

// Reveal returns the secret. It is for the one place that sends it.
func (t Token) Reveal() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// String returns "<secret>", or "" of no secret.
func (t Token) String() string {
	if t.value == nil {
		return ""
	}
	return hidden
}

// Format implements [fmt.Formatter], for verbs that pass String by.
func (t Token) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(t.String())) }

// MarshalText implements [encoding.TextMarshaler].
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// LogValue implements [slog.LogValuer].
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }
