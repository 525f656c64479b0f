package configs

import "time"

// Builtin is the name of the model inside the binary.
const Builtin = "builtin"

// Config is the whole of a configuration file.
type Config struct {
	Source  Source            `yaml:"source"`
	Chunk   *Chunk            `yaml:"chunk"`   // nil: each text is one chunk
	Embed   Embed             `yaml:"embed"`   // has no meaning where there are Vectors
	Vectors map[string]*Embed `yaml:"vectors"` // by name, none of them nil; nil: there is one vector, by Embed
	Index   Index             `yaml:"index"`
	Rejects string            `yaml:"rejects" expand:"env"` // file that rejected documents are written to
	Grace   time.Duration     `yaml:"grace"`                // for what is in flight, once the run is told to stop
	// MaxRejects stops a run that rejects more; nil: only a build of what
	// readers will use is bounded, by BuildRejects.
	MaxRejects *MaxRejects `yaml:"max_rejects"`

	written *written // where the values were written; nil without a file
}

// Source says what is read and which parts of a record are used.
type Source struct {
	Path        []string `yaml:"path" expand:"env"`         // files, folders, globs, or "-" for standard input
	ID          string   `yaml:"id"`                        // field path; "": the id is a hash of the text and the image
	Text        string   `yaml:"text"`                      // field path or template; "": guessed from the names of fields
	Image       string   `yaml:"image"`                     // field path; "": documents have no images
	ImageFolder string   `yaml:"image_folder" expand:"env"` // that paths of images begin in; "": that of the corpus file
	ImageURLs   bool     `yaml:"image_urls"`                // fetch the images of which records give an http(s) address
	Payload     []string `yaml:"payload"`                   // field paths; "*" alone keeps every field
}

// Chunk says how the text of a document is split.
type Chunk struct {
	By        ChunkBy `yaml:"by"`
	MaxTokens int     `yaml:"max_tokens"` // of one chunk
	Overlap   int     `yaml:"overlap"`    // tokens that neighbours share
}

// Embed says who makes the vectors, and how they are asked.
type Embed struct {
	Input        Input         `yaml:"input"`        // what vectors are made of
	Model        string        `yaml:"model"`        // Builtin, or the name by which the endpoint serves it
	Endpoints    []Endpoint    `yaml:"endpoints"`    // servers of this model, in order of preference
	Alternatives []Alternative `yaml:"alternatives"` // other models, for a run in which no endpoint serves this one
	Strict       bool          `yaml:"strict"`       // alternatives are not taken
	Prefix       Prefix        `yaml:"prefix"`
	Normalize    bool          `yaml:"normalize"` // scale vectors to length 1
	Cut          int           `yaml:"cut"`       // leading components kept; 0 keeps all
	Pooling      Pooling       `yaml:"pooling"`   // of token-level answers; "": they are refused
	Batch        Batch         `yaml:"batch"`
	InFlight     int           `yaml:"in_flight"` // requests that may wait for an answer at once
	Timeout      time.Duration `yaml:"timeout"`   // of one request
	WarmUp       time.Duration `yaml:"warm_up"`   // how long a model may take to load
	RetryFor     time.Duration `yaml:"retry_for"` // how long a failing request is repeated
}

// Endpoint is one server; exactly one of its fields is set.
type Endpoint struct {
	HuggingFace       *HuggingFace       `yaml:"huggingface"`
	InferenceEndpoint *InferenceEndpoint `yaml:"inference_endpoint"`
	TEI               *TEI               `yaml:"tei"`
	OpenAI            *OpenAI            `yaml:"openai"`
	Ollama            *Ollama            `yaml:"ollama"`
	Cohere            *Cohere            `yaml:"cohere"`
	SIE               *SIE               `yaml:"sie"`
	Raw               *Raw               `yaml:"raw"`
	AnyServer         *AnyServer         `yaml:"server"`
}

// TEI is a text-embeddings-inference server.
type TEI struct {
	URL            URL    `yaml:"url" expand:"env"`
	Token          Secret `yaml:"token"`
	Truncate       bool   `yaml:"truncate"`         // have the server cut texts that are too long; false: they are rejected
	AllowClearText bool   `yaml:"allow_clear_text"` // send the token over http off this machine
}

// OpenAI is a server that speaks the OpenAI style of /v1/embeddings.
type OpenAI struct {
	URL            URL       `yaml:"url" expand:"env"` // up to and with /v1
	Token          Secret    `yaml:"token"`
	Model          string    `yaml:"model"`            // the server's own name for the model; "": Embed.Model
	Dimensions     int       `yaml:"dimensions"`       // asked of the server; 0: not asked
	Images         ImageForm `yaml:"images"`           // how images are sent; "": ImageFormModality
	AllowClearText bool      `yaml:"allow_clear_text"` // send the token over http off this machine
}

// Prefix is what the model wants before a text, as its card says.
type Prefix struct {
	Document string `yaml:"document"`
	Query    string `yaml:"query"`
}

// Batch bounds what is sent in one request.
type Batch struct {
	Texts  int   `yaml:"texts"`  // or images
	Tokens int   `yaml:"tokens"` // of texts; 0 for images
	Bytes  Bytes `yaml:"bytes"`  // of texts, or of the files of images
}

// Index says where points are kept. At most one of Qdrant and SQLite is set;
// with neither, points are kept in the SQLite file [DefaultSQLitePath].
type Index struct {
	Qdrant *Qdrant `yaml:"qdrant"`
	SQLite *SQLite `yaml:"sqlite"`
	Text   bool    `yaml:"text"`   // keep the text of each chunk beside its vector
	Hybrid *Hybrid `yaml:"hybrid"` // find words too; nil: vectors only

	DeleteMissing  bool  `yaml:"delete_missing"`   // remove points of documents that are not in the corpus any more
	MaxDeleteShare Share `yaml:"max_delete_share"` // of the points; when more would go, none does

	Publish      Publish `yaml:"publish"`       // how readers come to what a run made
	KeepPrevious int     `yaml:"keep_previous"` // indexes that readers used before and that stay; for PublishAlias
}

// DefaultSQLitePath is the file of the embedded index.
const DefaultSQLitePath = "vecload.db"

// Qdrant is a collection of a Qdrant server, over gRPC.
type Qdrant struct {
	URL            URL    `yaml:"url" expand:"env"`
	Collection     string `yaml:"collection"`
	APIKey         Secret `yaml:"api_key"`
	Vector         string `yaml:"vector"`           // name of the only vector in the collection; "": see Config.Lanes
	AllowClearText bool   `yaml:"allow_clear_text"` // send the key over http off this machine

	RetryFor time.Duration `yaml:"retry_for"` // how long a call that fails is repeated

	// How a collection is kept. What is zero is left to the server.

	OnDisk           *bool                `yaml:"on_disk"` // serve vectors from the disk
	Quantization     *Quantization        `yaml:"quantization"`
	HNSW             *HNSW                `yaml:"hnsw"`
	Shards           int                  `yaml:"shards"`
	Replicas         int                  `yaml:"replicas"`          // of each shard
	WriteConsistency int                  `yaml:"write_consistency"` // replicas that confirm a write
	PayloadIndexes   map[string]FieldType `yaml:"payload_indexes"`   // by field path
	Distance         Distance             `yaml:"distance"`          // how a new collection compares vectors; "": DistanceCosine
	Tenant           string               `yaml:"tenant"`            // field by which searches are always filtered
	Bulk             Bulk                 `yaml:"bulk"`              // when indexing waits for the end of a run; "": BulkOff
	Retune           bool                 `yaml:"retune"`            // change a collection that is there to these settings
}

// SQLite is the embedded index, one file.
type SQLite struct {
	Path string `yaml:"path" expand:"env"`
}

// DefaultGrace leaves of the 30 seconds that Kubernetes gives a pod what it takes
// to give back the lease and to write the report.
const DefaultGrace = 25 * time.Second

// DefaultIndexRetryFor is as long as that of an endpoint, see [Embed].
const DefaultIndexRetryFor = 5 * time.Minute

// Default returns what holds where a file says nothing.
func Default() Config {
	return Config{
		Source:  Source{Payload: []string{"*"}},
		Embed:   DefaultEmbed(InputText),
		Index:   Index{Text: true, MaxDeleteShare: 0.2, Publish: PublishInPlace, KeepPrevious: 1},
		Rejects: "vecload.rejects.jsonl",
		Grace:   DefaultGrace,
	}
}

// DefaultEmbed returns what holds where embed, or one of vectors, says nothing
// beside its input.
func DefaultEmbed(input Input) Embed {
	return Embed{
		Input:     input,
		Model:     Builtin,
		Normalize: true,
		Batch:     DefaultBatch(input),
		InFlight:  8,
		Timeout:   2 * time.Minute,
		WarmUp:    5 * time.Minute,
		RetryFor:  5 * time.Minute,
	}
}

// DefaultBatch returns what holds where a section batch says nothing.
//
// Images are brought down to files of about 100 kB before they are sent: 8 of
// them, as data URIs, make a request of 1 MB, which is what a proxy takes that
// was not configured. No server with batches takes fewer (Infinity 32, Cohere
// 96), and Infinity fills its own batches of 32 from several requests. The
// bytes are those of the files as the corpus has them, and bound memory.
func DefaultBatch(input Input) Batch {
	if input == InputImage {
		return Batch{Texts: 8, Bytes: 8 * MB}
	}
	return Batch{
		Texts:  32,   // the limit of a TEI server that was not configured
		Tokens: 8192, // half of the same server's
		Bytes:  MB,   // half of the same server's 2 MB
	}
}

// DefaultChunk returns what holds where a section chunk says nothing.
func DefaultChunk() Chunk { return Chunk{By: BySentence, MaxTokens: 256, Overlap: 32} }

// The sections that may be absent bring their defaults when they are present.

func (c *Chunk) defaults() { *c = DefaultChunk() }

func (e *Embed) defaults() { *e = DefaultEmbed(InputText) }

// settle gives what a file left out the default of its input.
func (e *Embed) settle(given func(key string) bool) {
	batch := DefaultBatch(e.Input)
	if !given("batch.texts") {
		e.Batch.Texts = batch.Texts
	}
	if !given("batch.tokens") {
		e.Batch.Tokens = batch.Tokens
	}
	if !given("batch.bytes") {
		e.Batch.Bytes = batch.Bytes
	}
}

func (a *Alternative) defaults() { a.Normalize = true }

func (q *Qdrant) defaults() { q.Bulk, q.RetryFor = BulkOff, DefaultIndexRetryFor }

func (s *SQLite) defaults() { s.Path = DefaultSQLitePath }
