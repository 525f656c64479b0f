package configs

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Secret is a token or a key. In a file it is written as ${NAME} or
// file:PATH, never as itself. It prints and marshals as <secret>; only
// [Secret.Reveal] gives its value.
type Secret struct {
	reveal func() string // a closure, which no printer looks into
}

// NewSecret returns the secret with the value, and no secret for "".
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{reveal: func() string { return value }}
}

// Reveal returns the value, for the one header it is meant for; "" when there
// is no secret.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.reveal == nil }

// String returns "<secret>", and "" when there is none.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return "<secret>"
}

// Format writes [Secret.String], whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText returns [Secret.String].
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ParseSecret resolves the written form of a secret, ${NAME} or file:PATH.
// Its errors never hold the secret.
func ParseSecret(text string, env Env) (Secret, error) {
	if path, ok := strings.CutPrefix(text, "file:"); ok {
		return env.secretFile(path)
	}
	if name, ok := variable(text); ok {
		value, set := env.lookup(name)
		switch value = strings.TrimSpace(value); {
		case !set:
			return Secret{}, fmt.Errorf("the environment variable %s is not set", name)
		case value == "":
			return Secret{}, fmt.Errorf("the environment variable %s is empty", name)
		}
		return headerSafe(value)
	}
	return Secret{}, errors.New("must be ${NAME} or file:PATH, never the secret itself")
}

// headerSafe refuses what cannot be sent in a header (RFC 9110, section 5.5).
func headerSafe(value string) (Secret, error) {
	for i := range len(value) {
		if c := value[i]; c <= ' ' || c >= 0x7f {
			return Secret{}, errors.New("holds a space, a line break or a character that no token has")
		}
	}
	return NewSecret(value), nil
}
