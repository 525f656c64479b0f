package configs

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v4"
)

// MaxFile bounds a configuration, in bytes; the full sample is 100 times
// smaller. [Parse] refuses more.
const MaxFile = 1 << 20

// Parse decodes the configuration in data over [Default]. name is for
// messages. An empty file is the default configuration.
//
// A file in which something is wrong gives an [*Error] with all of it, that
// of [Config.Validate] included. A Config that comes without an error is
// correct in each value; whether they make a whole is said by
// [Config.Validate], which has to be called once flags were merged.
func Parse(name string, data []byte, env Env) (Config, error) {
	c := Default()
	root, problem := load(data)
	if problem != nil {
		return Config{}, newError(name, []Problem{*problem})
	}
	d := &decoder{env: env, at: map[string]position{}}
	if root != nil {
		d.value("", root, reflect.ValueOf(&c).Elem(), false)
	}
	c.written = &written{file: name, at: d.at}
	c.Resolve(env)
	if len(d.problems) == 0 {
		return c, nil
	}
	return Config{}, newError(name, append(d.problems, beside(d.problems, c.problems())...))
}

// Resolve fills in what the environment gives without being named: the
// token of Hugging Face's own client, for Hugging Face's own router and no
// other host. Parse calls it; a caller that sets endpoints by flags calls it
// again.
func (c *Config) Resolve(env Env) {
	for _, lane := range c.Lanes() {
		resolve(lane.Embed.Endpoints, env)
		for _, alternative := range lane.Embed.Alternatives {
			resolve(alternative.Endpoints, env)
		}
	}
}

func resolve(endpoints []Endpoint, env Env) {
	for i := range endpoints {
		h := endpoints[i].HuggingFace
		if h != nil && h.Token.IsZero() && h.URL.host() == DefaultHuggingFaceURL.host() && !h.URL.exposes() {
			// Another provider's key in HF_TOKEN is not one for that provider.
			if token := HuggingFaceToken(env); !h.ThirdParty() || strings.HasPrefix(token.Reveal(), "hf_") {
				h.Token = token
			}
		}
	}
}

// load returns the root of the only document, nil when there is nothing.
func load(data []byte) (*yaml.Node, *Problem) {
	if len(data) > MaxFile {
		return nil, &Problem{Text: "is larger than 1 MiB: this is no configuration"}
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return nil, syntax(err, data)
	}
	var document, second yaml.Node
	if err := loader.Load(&document); errors.Is(err, io.EOF) {
		return nil, nil //nolint:nilnil // an empty file is a configuration, the default one
	} else if err != nil {
		return nil, syntax(err, data)
	}
	if err := loader.Load(&second); err == nil {
		return nil, &Problem{Line: second.Line, Column: second.Column, Text: "holds a second document; a configuration is one"}
	} else if !errors.Is(err, io.EOF) {
		return nil, syntax(err, data)
	}
	root := &document
	if root.Kind == yaml.DocumentNode {
		if len(root.Content) == 0 {
			return nil, nil //nolint:nilnil // see above
		}
		root = root.Content[0]
	}
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return nil, nil //nolint:nilnil // see above
	}
	return root, nil
}

// syntax puts what the YAML library says into the form of our problems.
func syntax(err error, data []byte) *Problem {
	p := &Problem{Text: "is not YAML"}
	var e *yaml.LoadError
	if many, ok := errors.AsType[*yaml.LoadErrors](err); ok && len(many.Errors) > 0 {
		e = many.Errors[0]
	} else if one, ok := errors.AsType[*yaml.LoadError](err); ok {
		e = one
	}
	if e == nil {
		return p
	}
	mark := e.Mark
	if e.ContextMark.Line > 0 && strings.Contains(e.ContextMsg, "quoted scalar") {
		mark = e.ContextMark // where the quote begins, not where the file ends
	}
	p.Line, p.Column = mark.Line, mark.Column
	line := lineOf(data, mark.Line)
	switch {
	case bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("\t")):
		p.Text += ": a line is indented by a tab; use spaces"
	case e.ContextMsg != "":
		p.Text += ": " + e.Message + " " + e.ContextMsg
	default:
		p.Text += ": " + e.Message
	}
	if strings.Contains(p.Text, "anchor") || strings.Contains(p.Text, "tag") {
		// These quote the text, which may be a secret that begins with * or &.
		p.Text = "is not YAML: a value that begins with *, & or ! needs quotes"
	}
	if bytes.Contains(line, []byte("${")) {
		p.Text += `; between { and } a variable needs quotes: "${NAME}"`
	}
	return p
}

// lineOf returns a line by its number, nil when there is none.
func lineOf(data []byte, number int) []byte {
	lines := bytes.Split(data, []byte("\n"))
	if number < 1 || number > len(lines) {
		return nil
	}
	return lines[number-1]
}

// beside drops from found what only echoes a problem in known: that
// something is missing where an unknown key or a wrong value stands.
func beside(known, found []Problem) []Problem {
	var rest []Problem
	for _, f := range found {
		echo := false
		for _, k := range known {
			echo = echo || k.Path == f.Path || parent(k.Path) == f.Path || parent(k.Path) == parent(f.Path) && f.Text == missing ||
				ofInput(k.Path, f.Path)
		}
		if !echo {
			rest = append(rest, f)
		}
	}
	return rest
}

// ofInput reports whether what is wrong at found may follow from a wrong input
// at known: then it is not known what is made of what.
func ofInput(known, found string) bool {
	lane, input := strings.CutSuffix(known, ".input")
	return input && (strings.HasPrefix(found, lane+".") || found == "chunk" || found == "source.image")
}

// parent returns the path of the section or list that holds path.
func parent(path string) string {
	return path[:max(0, strings.LastIndexAny(path, ".["))]
}
