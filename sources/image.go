package sources

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// The keys of an image in a file of Hugging Face's datasets (datasets,
// features/image.py, class Image): the file's bytes, or its path, or both.
const (
	bytesKey = "bytes"
	pathKey  = "path"
)

// maxRef bounds a path or an address, in bytes. Linux has no longer paths, and
// servers take no longer addresses.
const maxRef = 4096

// imageField is the image that stands at one path.
type imageField struct {
	at   place
	name string
}

func (m Mapping) parseImage() (Path, error) {
	if m.Image == "" {
		return nil, nil
	}
	if strings.Contains(m.Image, "{{") {
		return nil, errors.New("is a template; name the field that holds the image")
	}
	return ParsePath(m.Image)
}

// content reads what is embedded of a record: its text, its image, or both.
func (m *Mapper) content(r *Record, doc *pipeline.Document) error {
	var imageErr error
	if m.image != nil {
		doc.Image, imageErr = m.image.image(r)
	}
	textErr := m.readText(r, doc)
	if _, absent := errors.AsType[noTextError](textErr); absent && m.image != nil {
		doc.Text, textErr = "", nil
		switch {
		case !doc.Image.IsZero() || imageErr != nil:
		case m.text == nil:
			return errors.New("there is no image")
		default:
			return errors.New("there is neither a text nor an image")
		}
	}
	if textErr != nil {
		return textErr
	}
	return imageErr
}

func (m *Mapper) readText(r *Record, doc *pipeline.Document) (err error) {
	if m.text == nil {
		return noTextError{errors.New("no field is the text")}
	}
	if doc.Text, err = m.text.text(r); err != nil {
		return err
	}
	return checkText(doc.Text)
}

// image reads the image of a record. The zero image is none.
func (f *imageField) image(r *Record) (pipeline.Image, error) {
	if r.Bytes != "" {
		return pipeline.Image{Data: r.Bytes}, nil
	}
	v, ok := r.at(&f.at)
	if !ok {
		return pipeline.Image{}, nil
	}
	switch v.Kind() {
	case pipeline.KindNull:
		return pipeline.Image{}, nil
	case pipeline.KindString:
		return f.reference(f.name, v.Str())
	case pipeline.KindObject:
		return f.object(v)
	case pipeline.KindBool, pipeline.KindInt, pipeline.KindFloat, pipeline.KindList:
	}
	return pipeline.Image{}, fmt.Errorf("field %s is %s, not an image", f.name, a(v.Kind()))
}

// object reads an image as Hugging Face's datasets have it. Bytes come before
// the path, which names a file on the machine where the dataset was made.
func (f *imageField) object(v pipeline.Value) (pipeline.Image, error) {
	data, hasBytes := v.Field(bytesKey)
	path, hasPath := v.Field(pathKey)
	if !hasBytes && !hasPath {
		return pipeline.Image{}, fmt.Errorf("field %s is an object with neither bytes nor a path", f.name)
	}
	switch data.Kind() {
	case pipeline.KindString:
		if data.Str() == "" {
			break
		}
		decoded, ok := fromBase64(data.Str())
		if !ok {
			return pipeline.Image{}, fmt.Errorf("field %s.%s is not base64", f.name, bytesKey)
		}
		return pipeline.Image{Data: decoded}, nil
	case pipeline.KindNull:
	case pipeline.KindBool, pipeline.KindInt, pipeline.KindFloat, pipeline.KindList, pipeline.KindObject:
		return pipeline.Image{}, fmt.Errorf("field %s.%s is %s, not base64", f.name, bytesKey, a(data.Kind()))
	}
	switch path.Kind() {
	case pipeline.KindString:
		return f.reference(f.name+"."+pathKey, path.Str())
	case pipeline.KindNull:
		return pipeline.Image{}, nil
	case pipeline.KindBool, pipeline.KindInt, pipeline.KindFloat, pipeline.KindList, pipeline.KindObject:
	}
	return pipeline.Image{}, fmt.Errorf("field %s.%s is %s, not a path", f.name, pathKey, a(path.Kind()))
}

// reference reads a data URI, a path or an address.
func (f *imageField) reference(name, s string) (pipeline.Image, error) {
	switch {
	case strings.TrimSpace(s) == "":
		return pipeline.Image{}, nil
	case len(s) >= 5 && strings.EqualFold(s[:5], "data:"):
		data, ok := fromDataURI(s[5:])
		if !ok {
			return pipeline.Image{}, fmt.Errorf("field %s is no data URI in base64", name)
		}
		return pipeline.Image{Data: data}, nil
	case base64OfImage(s):
		return pipeline.Image{}, fmt.Errorf(
			"field %s is an image in base64, which has to begin with data:image/jpeg;base64, or to be the field bytes of an object", name)
	case len(s) > maxRef:
		return pipeline.Image{}, fmt.Errorf(
			"field %s has %d bytes, too many for a path or an address; an image in base64 begins with data:image/jpeg;base64, or is the field bytes of an object", name, len(s))
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return pipeline.Image{}, fmt.Errorf("field %s is no path or address: it holds a control character", name)
	}
	return pipeline.Image{Ref: s}, nil
}

// base64OfImage reports whether s is no path, but the bytes of an image in
// base64: it begins as JPEG, PNG, GIF and WebP do, and is longer than the name
// of a file can be.
func base64OfImage(s string) bool {
	const nameMax = 255
	for _, head := range []string{"/9j/", "iVBORw0KGgo", "R0lGOD", "UklGR"} {
		if len(s) > nameMax && strings.HasPrefix(s, head) {
			_, ok := fromBase64(s)
			return ok
		}
	}
	return false
}

// fromDataURI reads what comes behind "data:" (RFC 2397). The media type is
// not looked at: the bytes say what they are.
func fromDataURI(s string) (string, bool) {
	head, body, ok := strings.Cut(s, ",")
	if !ok || len(head) > 256 || !strings.HasSuffix(strings.ToLower(strings.TrimSpace(head)), ";base64") {
		return "", false
	}
	for _, escape := range []struct{ of, is string }{{"%2B", "+"}, {"%2b", "+"}, {"%2F", "/"}, {"%2f", "/"}, {"%3D", "="}, {"%3d", "="}} {
		if strings.Contains(body, "%") {
			body = strings.ReplaceAll(body, escape.of, escape.is)
		}
	}
	data, ok := fromBase64(body)
	return data, ok && data != ""
}

// fromBase64 reads base64 (RFC 4648, sections 4 and 5), with or without
// padding and line breaks.
func fromBase64(s string) (string, bool) {
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(s, "-_") {
		encoding = base64.RawURLEncoding
	}
	data, err := encoding.DecodeString(strings.TrimRight(s, "=\r\n"))
	return string(data), err == nil
}
