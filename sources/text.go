package sources

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vecload/vecload/pipeline"
)

// maxID bounds the id of a document, in bytes. Ids are stored with each point
// and looked up by value, and no corpus seen needs more than a long URL.
const maxID = 1024

// noTextError says that there is no text, rather than a wrong one. A document
// with an image needs none.
type noTextError struct{ error }

// Unwrap returns the reason.
func (e noTextError) Unwrap() error { return e.error }

// plainText is the text that stands at one path: a string, or a number, which
// reads as JSON writes it.
type plainText struct {
	at   place
	name string
}

func (p *plainText) text(r *Record) (string, error) {
	v, ok := r.at(&p.at)
	if !ok {
		return "", noTextError{missing(p.name)}
	}
	switch v.Kind() {
	case pipeline.KindNull:
		return "", noTextError{fmt.Errorf("field %s is null, not a text", p.name)}
	case pipeline.KindString:
		return v.Str(), nil
	case pipeline.KindInt, pipeline.KindFloat:
		return string(v.AppendJSON(nil)), nil
	case pipeline.KindBool, pipeline.KindList, pipeline.KindObject:
	}
	return "", fmt.Errorf("field %s is %s, not a text", p.name, a(v.Kind()))
}

// checkText tells whether a text can be embedded. NUL characters can: they are
// UTF-8, and indexes keep them.
func checkText(text string) error {
	if strings.TrimFunc(text, unicode.IsSpace) == "" {
		return noTextError{errors.New("the text is empty")}
	}
	if !utf8.ValidString(text) {
		return errors.New("the text is not valid UTF-8")
	}
	return nil
}

func (m *Mapper) readID(r *Record) (string, error) {
	v, ok := r.at(m.id)
	if !ok {
		return "", missing(m.idName)
	}
	return idOf(v, m.idName)
}

// idOf gives the id that a value is.
func idOf(v pipeline.Value, name string) (string, error) {
	switch v.Kind() {
	case pipeline.KindInt:
		return strconv.FormatInt(v.Int(), 10), nil
	case pipeline.KindString:
		id := v.Str()
		switch {
		case id == "":
			return "", fmt.Errorf("the id in field %s is empty", name)
		case len(id) > maxID:
			return "", fmt.Errorf("the id in field %s is longer than %d bytes", name, maxID)
		case !utf8.ValidString(id):
			return "", fmt.Errorf("the id in field %s is not valid UTF-8", name)
		}
		return id, nil
	case pipeline.KindNull, pipeline.KindBool, pipeline.KindFloat, pipeline.KindList, pipeline.KindObject:
	}
	return "", fmt.Errorf("the id in field %s is %s, not a string or an integer", name, a(v.Kind()))
}

// hashID is the id of a document that has none: the first 16 bytes of the
// SHA-256 of its text, in hexadecimal; with an image, of what comes before and
// after a byte that tells bytes from a reference: the SHA-256 of the text and
// that of the image.
func hashID(doc *pipeline.Document) string {
	sum := sha256.Sum256([]byte(doc.Text))
	if image := doc.Image; !image.IsZero() {
		kind, content := byte('d'), image.Data
		if image.Ref != "" {
			kind, content = 'r', image.Ref
		}
		of := sha256.Sum256([]byte(content))
		sum = sha256.Sum256(slices.Concat(sum[:], []byte{kind}, of[:]))
	}
	return hex.EncodeToString(sum[:16])
}

func missing(name string) error { return fmt.Errorf("field %s is missing", name) }

// a gives a kind with its article.
func a(k pipeline.Kind) string {
	switch k {
	case pipeline.KindNull:
		return "null"
	case pipeline.KindInt, pipeline.KindObject:
		return "an " + k.String()
	case pipeline.KindBool, pipeline.KindFloat, pipeline.KindString, pipeline.KindList:
	}
	return "a " + k.String()
}
