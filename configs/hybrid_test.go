package configs_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vecload/vecload/configs"
)

func TestHybridBeginsWithItsDefaults(t *testing.T) {
	t.Parallel()
	if c := parsed(t, "index: {text: true}", configs.Env{}); c.Index.Hybrid != nil || c.Lanes()[0].Hybrid != nil {
		t.Error("words are found although nothing says so")
	}
	want := configs.DefaultHybrid()
	c := parsed(t, "index: {hybrid: {}}", configs.Env{})
	if diff := cmp.Diff(&want, c.Lanes()[0].Hybrid); diff != "" {
		t.Errorf("hybrid: {} (-want +got):\n%s", diff)
	}
	c = parsed(t, "index: {hybrid: {language: none, stop_words: [], k1: 2, b: 0, avg_len: 30.5, identifiers: false}}", configs.Env{})
	want = configs.Hybrid{Language: "none", StopWords: []string{}, K1: 2, AvgLen: 30.5}
	if diff := cmp.Diff(&want, c.Index.Hybrid); diff != "" {
		t.Errorf("every key (-want +got):\n%s", diff)
	}
}

func TestWordsBelongToOneVectorOfTexts(t *testing.T) {
	t.Parallel()
	const image = "image: {input: image, model: a/b, endpoints: [{openai: {url: http://localhost}}]}"
	for text, want := range map[string]string{
		"index: {hybrid: {}}":                                                            "text",
		"index: {hybrid: {vector: text}}":                                                "text",
		"vectors: {" + image + ", body: {}}":                                             "",
		"vectors: {" + image + ", body: {}}\nindex: {hybrid: {}}":                        "body",
		"vectors: {" + image + ", body: {}}\nindex: {hybrid: {vector: body}}":            "body",
		"vectors: {title: {}, body: {}}\nindex: {hybrid: {vector: title}}":               "title",
		"index: {qdrant: {url: http://localhost, collection: a, vector: v}, hybrid: {}}": "v",
	} {
		if strings.Contains(text, "image") {
			text += "\nsource: {image: photo}"
		}
		c := parsed(t, text, configs.Env{})
		got := ""
		for _, lane := range c.Lanes() {
			if lane.Hybrid != nil {
				got += lane.Vector
			}
		}
		if got != want {
			t.Errorf("%s: words of %q, want %q", text, got, want)
		}
	}
	// An alternative has them too.
	c := parsed(t, "embed: {model: a/b, endpoints: [{tei: {url: http://localhost}}], alternatives: [{model: builtin}]}\nindex: {hybrid: {}}", configs.Env{})
	for _, candidate := range c.Candidates() {
		if candidate.Lanes()[0].Hybrid == nil {
			t.Errorf("%s has no words", candidate.Embed.Model)
		}
	}
}
