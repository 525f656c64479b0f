// Package stubserver serves the embedding protocols that vecload speaks from
// a function of the text, on a plain [http.Handler]. It stands in for real
// servers in tests and in measurements: with a latency, with limits that it
// refuses requests by in the words of the real ones, and with a schedule of
// failures.
//
//	POST /hf-inference/models/{model}/pipeline/feature-extraction   Hugging Face's router
//	POST /embed, GET /info                                          text-embeddings-inference
//	POST /v1/embeddings, GET /v1/models                             OpenAI and its like, with images as Infinity and vLLM take them
//	POST /api/embed, POST /api/show, GET /api/version               Ollama
//	POST /v2/embed                                                  Cohere, vLLM
//	POST /v1/encode/{model}                                         SIE
//	POST /raw                                                       one image as the body, as Hugging Face's toolkit takes it
//
// An image is to the function what a text is: its bytes in a string.
package stubserver

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vecload/vecload/pipeline"
)

// Options say how a server behaves. The zero Options serve vectors of 8
// dimensions at once and without limits.
type Options struct {
	// Vector makes the vector of a text; nil is Hash(8).
	Vector func(text string) []float32
	// Latency is waited for before each answer, failures of the schedule
	// included.
	Latency time.Duration
	// Fail is asked at each request that no limit refuses; nil, or a nil
	// failure, answers with vectors. It is called from several goroutines.
	Fail func(Request) *Failure

	// MaxTexts, MaxBytes and TextsInFlight are the limits; 0 is none.
	// Texts in flight beyond the limit are answered with 429.
	MaxTexts, TextsInFlight int
	MaxBytes                int64

	// Model is the only one that is served; "" serves any.
	Model string
	// Token is the one that requests have to bear; "" asks for none.
	Token string
}

// Request is what a schedule of failures sees.
type Request struct {
	Number int64 // 1 for the first of the server
	Texts  []string
}

// Failure is an answer in place of vectors.
type Failure struct {
	Status int
	Header map[string]string // Content-Type is application/json unless it is given
	Body   string
}

// AfterFirst is a schedule that fails all requests but the first.
func AfterFirst(failure Failure) func(Request) *Failure {
	return func(r Request) *Failure {
		if r.Number == 1 {
			return nil
		}
		return &failure
	}
}

// Server is the handler. It may serve several requests at once.
type Server struct {
	options Options
	mux     *http.ServeMux

	requests, texts               atomic.Int64
	inFlight, inTexts, mostFlight atomic.Int64
}

// New returns a server.
func New(o Options) *Server {
	if o.Vector == nil {
		o.Vector = Hash(8)
	}
	s := &Server{options: o, mux: http.NewServeMux()}
	s.mux.HandleFunc("POST /hf-inference/models/", s.serve(huggingFace()))
	s.mux.HandleFunc("POST /embed", s.serve(tei()))
	s.mux.HandleFunc("GET /info", s.info)
	s.mux.HandleFunc("POST /v1/embeddings", s.serve(openAI()))
	s.mux.HandleFunc("GET /v1/models", s.models)
	s.mux.HandleFunc("POST /api/embed", s.serve(ollama()))
	s.mux.HandleFunc("POST /api/show", s.show)
	s.mux.HandleFunc("GET /api/version", fixed(`{"version":"0.33.0"}`))
	s.mux.HandleFunc("POST /v2/embed", s.serve(cohere()))
	s.mux.HandleFunc("POST /v1/encode/", s.serve(sie()))
	s.mux.HandleFunc("POST /raw", s.serve(raw()))
	return s
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Requests returns how many embedding requests have come, refused ones
// included.
func (s *Server) Requests() int64 { return s.requests.Load() }

// Texts returns how many texts were embedded.
func (s *Server) Texts() int64 { return s.texts.Load() }

// MostInFlight returns how many requests were being answered at once at most.
func (s *Server) MostInFlight() int64 { return s.mostFlight.Load() }

func (s *Server) serve(p protocol) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		number := s.requests.Add(1)
		raise(&s.mostFlight, s.inFlight.Add(1))
		defer s.inFlight.Add(-1)

		texts, form, failure := s.read(p, r)
		if failure == nil {
			count := int64(len(texts))
			in := s.inTexts.Add(count)
			defer s.inTexts.Add(-count)
			if most := s.options.TextsInFlight; most > 0 && in > int64(most) {
				failure = p.overloaded()
			}
		}
		if failure == nil {
			if !wait(r, s.options.Latency) {
				return
			}
			if s.options.Fail != nil {
				failure = s.options.Fail(Request{Number: number, Texts: texts})
			}
		}
		if failure != nil {
			failure.write(w)
			return
		}
		s.texts.Add(int64(len(texts)))
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(p.answer(texts, form, s.options.Vector))
	}
}

// read takes in a request and applies the limits.
func (s *Server) read(p protocol, r *http.Request) (texts []string, form form, failure *Failure) {
	if s.options.Token != "" && r.Header.Get("Authorization") != "Bearer "+s.options.Token {
		return nil, form, p.unauthorized()
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, form, p.malformed()
	}
	if s.options.MaxBytes > 0 && int64(len(body)) > s.options.MaxBytes {
		return nil, form, tooLong()
	}
	if p.kind != kindSIE && p.kind != kindRaw && json.Unmarshal(body, &form) != nil {
		return nil, form, p.malformed()
	}
	model := form.Model
	if p.kind == kindHuggingFace {
		path, suffix := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/hf-inference/models/"), "/pipeline/feature-extraction")
		if !suffix {
			return nil, form, plainNotFound()
		}
		model = path
	}
	if p.kind == kindSIE {
		model = strings.TrimPrefix(r.URL.Path, "/v1/encode/")
	}
	if s.options.Model != "" && p.kind != kindTEI && p.kind != kindRaw && model != s.options.Model {
		return nil, form, p.unknownModel(model)
	}
	texts, failure = p.inputs(r, body, form)
	if failure != nil {
		return nil, form, failure
	}
	if slices.Contains(texts, "") {
		return nil, form, p.empty()
	}
	if s.options.MaxTexts > 0 && len(texts) > s.options.MaxTexts {
		return nil, form, p.tooMany(len(texts), s.options.MaxTexts)
	}
	return texts, form, nil
}

// info answers as text-embeddings-inference describes itself.
func (s *Server) info(w http.ResponseWriter, _ *http.Request) {
	most, flight := s.options.MaxTexts, s.options.TextsInFlight
	if most == 0 {
		most = 32
	}
	if flight == 0 {
		flight = 512
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"model_id":%s,"model_sha":null,"model_dtype":"float32","model_type":{"embedding":{"pooling":"mean"}},`+
		`"max_concurrent_requests":%d,"max_input_length":512,"max_batch_tokens":16384,"max_batch_requests":null,`+
		`"max_client_batch_size":%d,"auto_truncate":true,"tokenization_workers":1,"version":"1.9.3","sha":null,"docker_label":null}`,
		pipeline.AppendJSONString(nil, s.options.Model), flight, most)
}

func (f *Failure) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	for name, value := range f.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(f.Status)
	_, _ = io.WriteString(w, f.Body)
}

// wait returns false when the client went away.
func wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// raise sets most to n unless it is higher.
func raise(most *atomic.Int64, n int64) {
	for old := most.Load(); n > old; old = most.Load() {
		if most.CompareAndSwap(old, n) {
			return
		}
	}
}
