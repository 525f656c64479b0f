package bm25

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrStopWords is what the error of [FromSettings] wraps where the settings
// tell by a digest only which words are left out.
var ErrStopWords = errors.New("bm25: the stop words are a list of their own")

// FromSettings returns the model that has these settings, as
// [Model.Settings] gives them, for querying an index that was made elsewhere.
func FromSettings(settings string) (*Model, error) {
	options := Default()
	options.StopWords = []string{}
	own := false
	for word := range strings.FieldsSeq(settings) {
		name, value, _ := strings.Cut(word, "=")
		var err error
		switch name {
		case "language":
			options.Language = value
		case "stop":
			switch value {
			case "none":
			case options.Language: // stands before it
				options.StopWords = nil
			default:
				own = true
			}
		case "terms":
			options.Plain = value == "plain"
		case "k1":
			options.K1, err = strconv.ParseFloat(value, 64)
		case "b":
			options.B, err = strconv.ParseFloat(value, 64)
		case "avg_len":
			options.AvgLen, err = strconv.ParseFloat(value, 64)
		}
		if err != nil {
			return nil, fmt.Errorf("bm25: settings %q: %w", settings, err)
		}
	}
	m, err := New(options)
	switch {
	case err != nil:
		return nil, err
	case own:
		return nil, ErrStopWords
	case m.settings != settings:
		return nil, fmt.Errorf("bm25: settings %q are of another version than %q", settings, m.settings)
	}
	return m, nil
}
