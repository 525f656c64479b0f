package stubserver

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"github.com/vecload/vecload/pipeline"
)

type kind uint8

const (
	kindHuggingFace kind = iota
	kindTEI
	kindOpenAI
	kindOllama
	kindCohere
	kindSIE
	kindRaw
)

// protocol has the words of one family of servers.
type protocol struct{ kind kind }

func huggingFace() protocol { return protocol{kindHuggingFace} }
func tei() protocol         { return protocol{kindTEI} }
func openAI() protocol      { return protocol{kindOpenAI} }
func ollama() protocol      { return protocol{kindOllama} }
func cohere() protocol      { return protocol{kindCohere} }
func sie() protocol         { return protocol{kindSIE} }
func raw() protocol         { return protocol{kindRaw} }

// form holds the fields of a request in any of the protocols.
type form struct {
	Model  string `json:"model"`
	Input  texts  `json:"input"`
	Inputs texts  `json:"inputs"`
	Format string `json:"encoding_format"`

	Modality string    `json:"modality"` // Infinity
	Messages []message `json:"messages"` // vLLM
	Texts    []string  `json:"texts"`    // Cohere
	Images   []string  `json:"images"`   // Cohere
}

// texts is a list of texts, or one that stands alone.
type texts struct {
	list  []string
	alone bool
}

// UnmarshalJSON implements [json.Unmarshaler].
func (t *texts) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		t.list, t.alone = make([]string, 1), true
		return json.Unmarshal(data, &t.list[0])
	}
	return json.Unmarshal(data, &t.list)
}

// answer returns the body with the vectors of texts.
func (p protocol) answer(texts []string, f form, vector func(string) []float32) []byte {
	switch p.kind { //nolint:exhaustive // The others answer with lists alone.
	case kindOpenAI:
		return items(texts, f, vector)
	case kindOllama:
		return append(append([]byte(`{"model":"m","embeddings":`), lists(texts, vector)...), `,"total_duration":1,"load_duration":1,"prompt_eval_count":1}`...)
	case kindCohere:
		return append(append([]byte(`{"id":"x","embeddings":{"float":`), lists(texts, vector)...), `},"meta":{"billed_units":{"input_tokens":1}}}`...)
	case kindSIE:
		return encoded(texts, vector)
	}
	if p.kind == kindHuggingFace && f.Inputs.alone {
		return appendNumbers(nil, vector(texts[0]))
	}
	return lists(texts, vector)
}

func lists(texts []string, vector func(string) []float32) []byte {
	b := []byte{'['}
	for i, text := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNumbers(b, vector(text))
	}
	return append(b, ']')
}

func items(texts []string, f form, vector func(string) []float32) []byte {
	b := []byte(`{"object":"list","data":[`)
	for i, text := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"object":"embedding","index":`...)
		b = strconv.AppendInt(b, int64(i), 10)
		b = append(b, `,"embedding":`...)
		if f.Format == "base64" {
			b = appendBase64(b, vector(text))
		} else {
			b = appendNumbers(b, vector(text))
		}
		b = append(b, '}')
	}
	b = append(b, `],"model":`...)
	b = pipeline.AppendJSONString(b, f.Model)
	return append(b, `,"usage":{"prompt_tokens":1,"total_tokens":1}}`...)
}

// appendNumbers prints numbers as Python prints those of a float32 tensor.
func appendNumbers(b []byte, v []float32) []byte {
	b = append(b, '[')
	for i, f := range v {
		if i > 0 {
			b = append(b, ',')
		}
		if f != f {
			b = append(b, "null"...)
			continue
		}
		b = strconv.AppendFloat(b, float64(f), 'g', -1, 64)
	}
	return append(b, ']')
}

func appendBase64(b []byte, v []float32) []byte {
	raw := make([]byte, 0, 4*len(v))
	for _, f := range v {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(f))
	}
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, raw)
	return append(b, '"')
}

// failure writes a message in the envelope of the protocol.
func (p protocol) failure(status int, kind, message string) *Failure {
	quoted := pipeline.AppendJSONString(nil, message)
	switch p.kind {
	case kindTEI:
		return &Failure{Status: status, Body: fmt.Sprintf(`{"error":%s,"error_type":%q}`, quoted, kind)}
	case kindOpenAI:
		return &Failure{Status: status, Body: fmt.Sprintf(`{"error":{"message":%s,"type":%q,"param":null,"code":%d}}`, quoted, kind, status)}
	case kindCohere:
		return &Failure{Status: status, Body: fmt.Sprintf(`{"id":"x","message":%s}`, quoted)}
	case kindSIE:
		return &Failure{Status: status, Body: fmt.Sprintf(`{"detail":{"code":%q,"message":%s}}`, kind, quoted)}
	case kindHuggingFace, kindOllama, kindRaw:
	}
	return &Failure{Status: status, Body: fmt.Sprintf(`{"error":%s}`, quoted)}
}

func (p protocol) malformed() *Failure {
	return p.failure(http.StatusBadRequest, "Validation", "Failed to parse the request body as JSON")
}

func (p protocol) unauthorized() *Failure {
	if p.kind == kindTEI {
		return &Failure{Status: http.StatusUnauthorized}
	}
	return p.failure(http.StatusUnauthorized, "authentication_error", "Invalid username or password.")
}

func (p protocol) overloaded() *Failure {
	return p.failure(http.StatusTooManyRequests, "Overloaded", "Model is overloaded")
}

func (p protocol) empty() *Failure {
	return p.failure(http.StatusBadRequest, "Empty", "Input validation error: `inputs` cannot be empty")
}

func (p protocol) tooMany(n, most int) *Failure {
	message := fmt.Sprintf("batch size %d > maximum allowed batch size %d", n, most)
	switch p.kind {
	case kindTEI:
		return p.failure(http.StatusUnprocessableEntity, "Validation", message)
	case kindOpenAI:
		return p.failure(http.StatusBadRequest, "invalid_request_error", message)
	case kindCohere:
		return p.failure(http.StatusBadRequest, "", fmt.Sprintf("invalid request: total number of texts must be at most %d - received %d", most, n))
	case kindHuggingFace, kindOllama, kindSIE, kindRaw:
	}
	return p.failure(http.StatusRequestEntityTooLarge, "", "Payload too large")
}

func (p protocol) unknownModel(model string) *Failure {
	if p.kind == kindHuggingFace {
		return p.failure(http.StatusBadRequest, "", model+" is not supported by provider hf-inference.")
	}
	switch p.kind { //nolint:exhaustive // The others have no words of their own.
	case kindOllama:
		return p.failure(http.StatusNotFound, "", fmt.Sprintf("model %q not found, try pulling it first", model))
	case kindSIE:
		return p.failure(http.StatusNotFound, "MODEL_NOT_FOUND", "Model '"+model+"' not found")
	}
	return p.failure(http.StatusNotFound, "not_found_error", fmt.Sprintf("The model %q does not exist.", model))
}

// tooLong is the answer of axum, the framework under
// text-embeddings-inference.
func tooLong() *Failure {
	return &Failure{
		Status: http.StatusRequestEntityTooLarge,
		Header: map[string]string{"Content-Type": "text/plain; charset=utf-8"},
		Body:   "Failed to buffer the request body: length limit exceeded",
	}
}

// plainNotFound is the answer of Hugging Face's router to an unknown route.
func plainNotFound() *Failure {
	return &Failure{
		Status: http.StatusNotFound,
		Header: map[string]string{"Content-Type": "text/plain"},
		Body:   "Not Found",
	}
}
