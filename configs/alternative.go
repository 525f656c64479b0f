package configs

import (
	"path/filepath"
	"reflect"
	"strings"
)

// Alternative is another model, and so another space: what it makes is kept
// in an index of its own.
type Alternative struct {
	Model      string     `yaml:"model"`             // Builtin, or the name by which the endpoints serve it
	Endpoints  []Endpoint `yaml:"endpoints"`         // servers of this model, in order of preference
	Prefix     Prefix     `yaml:"prefix"`            // as in Embed, of this model
	Normalize  bool       `yaml:"normalize"`         // as in Embed
	Cut        int        `yaml:"cut"`               // as in Embed
	Pooling    Pooling    `yaml:"pooling"`           // as in Embed
	Collection string     `yaml:"collection"`        // of the Qdrant server; "": that of the index and the model's name
	Path       string     `yaml:"path" expand:"env"` // of the SQLite file; "": that of the index and the model's name
}

// by returns e with the alternative's model in the place of its own.
func (e *Embed) by(alternative Alternative) Embed {
	other := *e
	other.Model = alternative.Model
	other.Endpoints = alternative.Endpoints
	other.Prefix = alternative.Prefix
	other.Normalize = alternative.Normalize
	other.Cut = alternative.Cut
	other.Pooling = alternative.Pooling
	return other
}

// of returns the index that an alternative is written to.
func (i Index) of(alternative Alternative) Index {
	if i.Qdrant != nil {
		q := *i.Qdrant
		if q.Collection += "-" + slug(alternative.Model); alternative.Collection != "" {
			q.Collection = alternative.Collection
		}
		i.Qdrant = &q
		return i
	}
	path := DefaultSQLitePath
	if i.SQLite != nil {
		path = i.SQLite.Path
	}
	extension := filepath.Ext(path)
	path = strings.TrimSuffix(path, extension) + "-" + slug(alternative.Model) + extension
	if alternative.Path != "" {
		path = alternative.Path
	}
	i.SQLite = &SQLite{Path: path}
	return i
}

// slug makes of a model's name what a collection and a file may be called:
// bge-small-en-v1.5 of BAAI/bge-small-en-v1.5.
func slug(model string) string {
	name := model[strings.LastIndex(model, "/")+1:]
	return strings.Map(func(r rune) rune {
		if r = toLower(r); isAlphanumeric(r) || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, name)
}

func toLower(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

// Name says which server an endpoint is, without secrets: its kind and its
// address.
func (e Endpoint) Name() string {
	fields := reflect.ValueOf(e)
	for i := range fields.NumField() {
		server := fields.Field(i)
		if server.Kind() == reflect.String && server.Len() > 0 {
			return server.String()
		}
		if server.Kind() != reflect.Pointer || server.IsNil() {
			continue
		}
		name := fields.Type().Field(i).Tag.Get("yaml")
		if address := server.Elem().FieldByName("URL"); address.IsValid() && address.Kind() == reflect.String && address.Len() > 0 {
			name += " " + address.String()
		}
		return name
	}
	return "an endpoint"
}
