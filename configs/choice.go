package configs

import (
	"fmt"
	"strings"
)

// Input says what vectors are made of.
type Input string

// The inputs.
const (
	InputText  Input = "text"
	InputImage Input = "image"
)

// UnmarshalText accepts the names of the choices.
func (i *Input) UnmarshalText(text []byte) error { return choose(i, text, InputText, InputImage) }

// ImageForm says how a server of OpenAI's style is given images.
type ImageForm string

// The forms. The zero value is ImageFormModality.
const (
	ImageFormModality ImageForm = "modality" // of Infinity: as inputs, with the field modality
	ImageFormMessage  ImageForm = "message"  // of vLLM: in a chat message, one a request
)

// UnmarshalText accepts the names of the choices.
func (f *ImageForm) UnmarshalText(text []byte) error {
	return choose(f, text, ImageFormModality, ImageFormMessage)
}

// ChunkBy says where a text may be cut.
type ChunkBy string

// BySentence cuts at the ends of sentences where it can.
const BySentence ChunkBy = "sentence"

// UnmarshalText accepts the names of the choices.
func (c *ChunkBy) UnmarshalText(text []byte) error { return choose(c, text, BySentence) }

// Pooling says how vectors of tokens become the vector of a text.
type Pooling string

// The ways of pooling. The zero value is none.
const (
	PoolingMean Pooling = "mean" // average over the tokens
	PoolingCLS  Pooling = "cls"  // vector of the first token
)

// UnmarshalText accepts the names of the choices.
func (p *Pooling) UnmarshalText(text []byte) error {
	return choose(p, text, PoolingMean, PoolingCLS)
}

func choose[T ~string](to *T, text []byte, choices ...T) error {
	names := make([]string, len(choices))
	for i, choice := range choices {
		if string(text) == string(choice) {
			*to = choice
			return nil
		}
		names[i] = string(choice)
	}
	return fmt.Errorf("must be %s, is %s", strings.Join(names, " or "), quote(string(text)))
}
