package stubserver

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// message is one of vLLM's, which holds an image.
type message struct {
	Content []struct {
		Type  string `json:"type"`
		Image struct {
			URL string `json:"url"`
		} `json:"image_url"`
	} `json:"content"`
}

// infinityImages is how many images Infinity takes in a request
// (infinity_emb/fastapi_schemas/pymodels.py).
const infinityImages = 32

// inputs returns what is to be embedded, images as their bytes.
func (p protocol) inputs(r *http.Request, body []byte, f form) ([]string, *Failure) {
	switch p.kind {
	case kindOpenAI:
		return p.openAIInputs(f)
	case kindOllama:
		return f.Input.list, nil
	case kindCohere:
		if f.Images != nil {
			return p.decode(f.Images)
		}
		return f.Texts, nil
	case kindSIE:
		if r.Header.Get("Content-Type") != "application/msgpack" || r.Header.Get("Accept") != "application/json" {
			return nil, p.failure(http.StatusUnsupportedMediaType, "INVALID_INPUT", "the stub wants MessagePack and answers in JSON")
		}
		inputs, ok := unpackItems(body)
		if !ok {
			return nil, p.failure(http.StatusBadRequest, "INVALID_INPUT", "Invalid msgpack body")
		}
		return inputs, nil
	case kindRaw:
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "image/") {
			return nil, p.failure(http.StatusBadRequest, "", "Content type not supported")
		}
		return []string{string(body)}, nil
	case kindHuggingFace, kindTEI:
	}
	return f.Inputs.list, nil
}

func (p protocol) openAIInputs(f form) ([]string, *Failure) {
	switch {
	case len(f.Messages) > 0:
		var uris []string
		for _, part := range f.Messages[0].Content {
			if part.Type == "image_url" {
				uris = append(uris, part.Image.URL)
			}
		}
		return p.decode(uris)
	case f.Modality == "image" && len(f.Input.list) > infinityImages:
		return nil, &Failure{Status: http.StatusUnprocessableEntity, Body: fmt.Sprintf(
			`{"detail":[{"type":"too_long","loc":["body","input"],"msg":"List should have at most %d items after validation, not %d","input":["…"]}]}`,
			infinityImages, len(f.Input.list))}
	case f.Modality == "image":
		return p.decode(f.Input.list)
	}
	return f.Input.list, nil
}

// decode reads data URIs.
func (p protocol) decode(uris []string) ([]string, *Failure) {
	images := make([]string, 0, len(uris))
	for _, uri := range uris {
		head, data, _ := strings.Cut(uri, ",")
		image, err := base64.StdEncoding.DecodeString(data)
		if err != nil || head != "data:image/jpeg;base64" && head != "data:image/png;base64" {
			return nil, p.failure(http.StatusBadRequest, "ImageCorruption", "the input is no data URI of an image")
		}
		images = append(images, string(image))
	}
	return images, nil
}

// encoded is SIE's answer.
func encoded(texts []string, vector func(string) []float32) []byte {
	b := []byte(`{"model":"m","items":[`)
	for i, text := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		v := vector(text)
		b = fmt.Appendf(b, `{"id":"%d","dense":{"dims":%d,"dtype":"float32","values":`, i, len(v))
		b = append(appendNumbers(b, v), `}}`...)
	}
	return append(b, `],"timing":{"total_ms":1.0}}`...)
}

// models lists what an OpenAI-style server serves.
func (s *Server) models(w http.ResponseWriter, r *http.Request) {
	name := s.options.Model
	if name == "" {
		name = "stub"
	}
	fixed(`{"object":"list","data":[{"id":`+string(pipeline.AppendJSONString(nil, name))+`,"object":"model","owned_by":"stub"}]}`)(w, r)
}

// show answers as Ollama describes a model.
func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	dim := len(s.options.Vector("x"))
	fixed(fmt.Sprintf(`{"details":{"family":"bert"},"model_info":{"general.architecture":"bert","bert.context_length":512,"bert.embedding_length":%d},"capabilities":["embedding"]}`, dim))(w, r)
}

func fixed(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	}
}
