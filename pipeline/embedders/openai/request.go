package openai

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/internal/picture"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
	"github.com/vecload/vecload/pipeline/embedders/internal/vectors"
)

// Modality says what the inputs of a client are. Images are strings that hold
// the bytes of a JPEG or PNG file; they are sent as data URIs.
type Modality string

// The modalities.
const (
	// Text is for texts.
	Text Modality = ""
	// Image is for images, in the form of Infinity: as inputs, with the field
	// modality, at most 32 in a request.
	Image Modality = "image"
	// Message is for images, in the form of vLLM: in the field messages, one
	// in a request.
	Message Modality = "message"
)

func (m Modality) valid() bool { return m == Text || m == Image || m == Message }

// most is how many inputs a request takes, 0 where that depends on the server.
func (m Modality) most() int {
	switch m {
	case Image:
		return 32 // infinity_emb/fastapi_schemas/pymodels.py
	case Message:
		return 1 // a list of messages is one prompt
	case Text:
	}
	return 0
}

// inputs returns what is sent: texts as they are, images as data URIs.
func (c *Client) inputs(given []string) ([]string, error) {
	if c.modality == Text {
		return given, nil
	}
	op := c.rest.Op(http.MethodPost, "embeddings")
	if most := c.modality.most(); len(given) > most {
		return nil, &pipeline.Error{Op: op, Class: pipeline.Oversize, Err: &embedders.LimitError{
			Limit: embedders.Known{Texts: most},
			Err:   fmt.Errorf("%d images for a request that takes %d", len(given), most),
		}}
	}
	uris, err := picture.URIs(given)
	return uris, vectors.At(op, err)
}

func (c *Client) body(inputs []string, plain bool) []byte {
	const fields = 256 // bytes that names and numbers take at most
	b := append(c.rest.Body(fields+len(c.model)+rest.SizeOf(inputs)), `{"model":`...)
	b = pipeline.AppendJSONString(b, c.model)
	if c.modality == Message {
		b = append(b, `,"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":`...)
		b = pipeline.AppendJSONString(b, inputs[0])
		b = append(b, `}}]}]`...)
	} else {
		b = rest.AppendTexts(append(b, `,"input":`...), inputs)
	}
	if c.modality == Image {
		b = append(b, `,"modality":"image"`...)
	}
	if !plain {
		b = append(b, `,"encoding_format":"base64"`...)
	}
	if c.dimensions > 0 {
		b = append(b, `,"dimensions":`...)
		b = strconv.AppendInt(b, int64(c.dimensions), 10)
	}
	return append(b, '}')
}
