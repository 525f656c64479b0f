package sources

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// Mapping says what of a record becomes what of a document.
type Mapping struct {
	// ID is the path of the id, a string of at most 1,024 bytes or an
	// integer. Without it the id is the hash of the text and the image, so
	// that equal ones are one document. Of an image that is only named, its
	// path or address is hashed.
	ID string
	// Text is a field path, or a template when it contains "{{"; see
	// [ParseTemplate]. It may be "" when Image is not.
	Text string
	// Image is the path of an image; "" when documents have none. A record
	// holds it as bytes (in JSON in base64), as an object of bytes and a path
	// as Hugging Face's datasets have it, as a path, as an http or https
	// address, or as a data URI. With an image a record may lack the text,
	// and with a text the image; one that lacks both is a reject.
	Image string
	// Payload are the paths of the fields that are copied. A nested field
	// keeps its path as its name: meta.author is stored as "meta.author".
	// Fields that a record lacks are absent, null stays null. "*", alone, is
	// every field except those that Text and Image name, each under its own
	// name.
	Payload []string
}

// Mapper makes documents of records by one [Mapping]. It may be used from
// several goroutines.
type Mapper struct {
	want    *Want
	id      *place // nil: hash of the text
	idName  string
	text    textOf // nil: documents have images only
	image   *imageField
	drop    []Path // the text's and the image's own, left out of a payload of all fields
	payload []payloadField
}

type payloadField struct {
	name string
	at   place
}

// textOf makes a document's text of a record.
type textOf interface {
	text(r *Record) (string, error)
}

// Compile checks the mapping, all of it, without opening anything. Its error
// is of class Misconfigured and names every problem.
func (m Mapping) Compile() (*Mapper, error) {
	var (
		problems []error
		paths    []Path
		required []Path
		mapper   = &Mapper{}
		all      = len(m.Payload) == 1 && m.Payload[0] == "*"
		named    []string
	)
	if m.ID != "" {
		path, err := ParsePath(m.ID)
		if err != nil {
			problems = append(problems, fmt.Errorf("id: %w", err))
		}
		paths, required = append(paths, path), append(required, path)
		mapper.idName = m.ID
	}
	textPaths, tmpl, err := m.parseText()
	if err != nil {
		problems = append(problems, fmt.Errorf("text: %w", err))
	}
	textStart := len(paths)
	paths = append(paths, textPaths...)
	switch {
	case tmpl != nil:
		required = append(required, tmpl.Required()...)
	case err == nil:
		required = append(required, textPaths...)
	}
	imagePath, err := m.parseImage()
	if err != nil {
		problems = append(problems, fmt.Errorf("image: %w", err))
	}
	imageAt := len(paths)
	if imagePath != nil {
		paths, required = append(paths, imagePath), append(required, imagePath)
	}
	payloadStart := len(paths)
	if !all {
		for i, s := range m.Payload {
			path, err := payloadPath(s, named, imagePath)
			if err != nil {
				problems = append(problems, fmt.Errorf("payload[%d]: %w", i, err))
				continue
			}
			paths, named = append(paths, path), append(named, path.name())
		}
	}
	if len(problems) > 0 {
		return nil, &pipeline.Error{
			Op: "mapping", Class: pipeline.Misconfigured, Err: errors.Join(problems...),
			Hint: `a field path is like title or meta.author, a template like "{{.title}} {{.body}}"`,
		}
	}

	want, places := newWant(paths, all, required)
	mapper.want = want
	want.Bytes = imagePath
	if m.ID != "" {
		mapper.id = &places[0]
	}
	switch {
	case tmpl != nil:
		mapper.text = tmpl.bind(places[textStart:imageAt])
	case m.Text != "":
		mapper.text = &plainText{at: places[textStart], name: m.Text}
		mapper.drop = append(mapper.drop, textPaths[0])
	}
	if imagePath != nil {
		mapper.image = &imageField{at: places[imageAt], name: m.Image}
		mapper.drop = append(mapper.drop, imagePath)
	}
	for i, name := range named {
		mapper.payload = append(mapper.payload, payloadField{name, places[payloadStart+i]})
	}
	return mapper, nil
}

func (m Mapping) parseText() ([]Path, *Template, error) {
	switch {
	case m.Text == "" && m.Image != "":
		return nil, nil, nil
	case m.Text == "":
		return nil, nil, errors.New("no field is named")
	case strings.Contains(m.Text, "{{"):
		tmpl, err := ParseTemplate(m.Text)
		if err != nil {
			return nil, nil, err
		}
		paths := tmpl.Paths()
		return paths, tmpl, nil
	}
	path, err := ParsePath(m.Text)
	if err != nil {
		return nil, nil, err
	}
	return []Path{path}, nil, nil
}

func payloadPath(s string, named []string, image Path) (Path, error) {
	if s == "*" {
		return nil, errors.New(`"*" stands for all fields and stands alone`)
	}
	path, err := ParsePath(s)
	if err != nil {
		return nil, err
	}
	if image != nil && (image.within(path) || path.within(append(slices.Clone(image), bytesKey))) {
		return nil, fmt.Errorf("field %s holds the image, which is not kept; name the fields beside it", path)
	}
	if slices.Contains(named, path.name()) {
		return nil, fmt.Errorf("two fields would be named %q", path.name())
	}
	return path, nil
}

// Want returns what the mapper needs of each record.
func (m *Mapper) Want() *Want { return m.want }

// Document makes the document of a record. Its error says what the record
// lacks, without any of its content; the document beside it has what is known.
func (m *Mapper) Document(r *Record) (pipeline.Document, error) {
	var doc pipeline.Document
	var err error
	if m.id != nil {
		doc.ID, err = m.readID(r)
	}
	contentErr := m.content(r, &doc)
	if err == nil {
		err = contentErr
	}
	if m.id == nil && contentErr == nil {
		doc.ID = hashID(&doc)
	}
	doc.Payload = m.fields(r)
	return doc, err
}

func (m *Mapper) fields(r *Record) []pipeline.Field {
	if m.want.All {
		fields := r.Fields
		for _, path := range m.drop {
			fields = without(fields, path)
		}
		return fields
	}
	if len(m.payload) == 0 {
		return nil
	}
	fields := make([]pipeline.Field, 0, len(m.payload))
	for i := range m.payload {
		p := &m.payload[i]
		if v, ok := r.at(&p.at); ok {
			fields = append(fields, pipeline.Field{Name: p.name, Value: v})
		}
	}
	return fields
}

// without removes the field at path. It moves fields of the slice it is given
// and copies those of nested objects, which are values and stay as they are.
func without(fields []pipeline.Field, path Path) []pipeline.Field {
	if len(path) == 0 {
		return fields
	}
	i := fieldIndex(fields, path[0])
	switch {
	case i < 0:
	case len(path) == 1:
		return slices.Delete(fields, i, i+1)
	case fields[i].Value.Kind() == pipeline.KindObject:
		inner := slices.Clone(fields[i].Value.Object())
		fields[i].Value = pipeline.Object(without(inner, path[1:]))
	}
	return fields
}
