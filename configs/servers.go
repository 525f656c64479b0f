package configs

// AnyServer is one whose kind is found out by asking it.
type AnyServer struct {
	URL            URL    `yaml:"url" expand:"env"`
	Token          Secret `yaml:"token"`
	Model          string `yaml:"model"`            // the server's own name for the model; "": Embed.Model
	AllowClearText bool   `yaml:"allow_clear_text"` // send the token over http off this machine
}

// Ollama is an Ollama server, by its own route.
type Ollama struct {
	URL            URL    `yaml:"url" expand:"env"` // without /api and /v1
	Token          Secret `yaml:"token"`            // of a proxy before it
	Model          string `yaml:"model"`            // the server's own name for the model; "": Embed.Model
	Context        int    `yaml:"context"`          // tokens of a text that are read; 0: as the server has it
	AllowClearText bool   `yaml:"allow_clear_text"` // send the token over http off this machine
}

// Cohere is a server that speaks the second version of Cohere's embed route.
type Cohere struct {
	URL            URL      `yaml:"url" expand:"env"` // without /v2/embed
	Token          Secret   `yaml:"token"`
	Model          string   `yaml:"model"`            // the server's own name for the model; "": Embed.Model
	Dimensions     int      `yaml:"dimensions"`       // asked of the server; 0: not asked
	Truncate       Truncate `yaml:"truncate"`         // what happens to a text that is too long; "": as the server has it
	AllowClearText bool     `yaml:"allow_clear_text"` // send the token over http off this machine
}

// SIE is Superlinked's inference engine, by its own route.
type SIE struct {
	URL            URL    `yaml:"url" expand:"env"` // without /v1/encode
	Token          Secret `yaml:"token"`
	Model          string `yaml:"model"`            // the server's own name for the model; "": Embed.Model
	AllowClearText bool   `yaml:"allow_clear_text"` // send the token over http off this machine
}

// Raw is a server that takes one image as the body of a request, as the
// containers of Hugging Face's inference toolkit do.
type Raw struct {
	URL            URL    `yaml:"url" expand:"env"` // posted to as it is given
	Token          Secret `yaml:"token"`
	AllowClearText bool   `yaml:"allow_clear_text"` // send the token over http off this machine
}

// Truncate says what a server does with a text that is too long.
type Truncate string

// The ways of truncating. The zero value is the server's.
const (
	TruncateNone  Truncate = "none" // the text is refused
	TruncateStart Truncate = "start"
	TruncateEnd   Truncate = "end"
)

// UnmarshalText accepts the names of the choices.
func (t *Truncate) UnmarshalText(text []byte) error {
	return choose(t, text, TruncateNone, TruncateStart, TruncateEnd)
}

// The addresses where these servers are unless it is said otherwise.
const (
	DefaultOllamaURL URL = "http://localhost:11434"
	DefaultCohereURL URL = "https://api.cohere.com"
)

func (o *Ollama) defaults() { o.URL = DefaultOllamaURL }

func (c *Cohere) defaults() { c.URL = DefaultCohereURL }

func (s *AnyServer) validate(v *validator, path string) {
	v.url(s.URL, path+".url")
	v.exposed(s.Token, s.URL, s.AllowClearText, path+".token")
	v.check(s.URL.host() != DefaultHuggingFaceURL.host(), path+".url", "is Hugging Face's router, which is huggingface and not server")
}

func (o *Ollama) validate(v *validator, path string) {
	v.url(o.URL, path+".url")
	v.exposed(o.Token, o.URL, o.AllowClearText, path+".token")
	v.number(o.Context, 0, 10_000_000, path+".context")
}

func (s *SIE) validate(v *validator, path string) {
	v.url(s.URL, path+".url")
	v.exposed(s.Token, s.URL, s.AllowClearText, path+".token")
}

func (r *Raw) validate(v *validator, path string) {
	v.url(r.URL, path+".url")
	v.exposed(r.Token, r.URL, r.AllowClearText, path+".token")
}

func (c *Cohere) validate(v *validator, path, model string, cut int) {
	v.url(c.URL, path+".url")
	v.exposed(c.Token, c.URL, c.AllowClearText, path+".token")
	v.number(c.Dimensions, 0, 65536, path+".dimensions")
	v.check(c.Dimensions <= 0 || cut <= c.Dimensions, model+".cut",
		"is %d, more than the %d dimensions asked of the endpoint", cut, c.Dimensions)
}
