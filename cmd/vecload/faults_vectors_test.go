package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// picturesOf writes n documents with a picture each, all different, and returns
// the file's path.
func picturesOf(t *testing.T, n int) string {
	t.Helper()
	var lines strings.Builder
	for i := range n {
		picture := image.NewRGBA(image.Rect(0, 0, 8, 8))
		for j := range 64 {
			picture.Set(j%8, j/8, color.RGBA{R: uint8(20 * i), G: uint8(3 * j), B: 77, A: 255})
		}
		var file bytes.Buffer
		if err := png.Encode(&file, picture); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&lines, "{\"id\":\"p%d\",\"picture\":\"data:image/png;base64,%s\"}\n", i, base64.StdEncoding.EncodeToString(file.Bytes()))
	}
	path := filepath.Join(t.TempDir(), "pictures.jsonl")
	if err := os.WriteFile(path, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// brokenVectors are what a server answers for single texts, whenever it is
// asked for them: by the number of the document.
func brokenVectors() map[int]func([]any) any {
	return map[int]func([]any) any{
		3:  func([]any) any { return nil },
		17: number(nil),
		22: number("@NaN@"),
		29: number("NaN"),
		36: number("@1e400@"),
		41: full(0),
		48: full("@-0@"),
		55: full(json.Number("1e30")),
		63: full(json.Number("1e-41")),
		70: func([]any) any { return []any{} },
	}
}

// TestTextsWithoutAUsableVectorAreRejectedAndNoOthers has a server that has no
// vector for some texts, in all the ways in which servers say so, among others
// in one batch.
func TestTextsWithoutAUsableVectorAreRejectedAndNoOthers(t *testing.T) {
	t.Parallel()
	corpus := corpusOf(t, 80)
	want := cleanIndex(t, "tei", corpus)
	broken := brokenVectors()
	var kept, refused []string
	for line := range strings.Lines(want) {
		var i int
		if _, err := fmt.Sscanf(strings.Fields(line)[1], "d%d", &i); err != nil {
			t.Fatal(err)
		}
		if broken[i] == nil {
			kept = append(kept, line)
		}
	}
	for i := range broken {
		refused = append(refused, fmt.Sprintf("d%d", i))
	}
	slices.Sort(refused)
	// The vector of such a text says which it is.
	marked := func(text string) []float32 {
		for i := range broken {
			if strings.HasSuffix(text, fmt.Sprintf("document %d", i)) {
				return slices.Repeat([]float32{float32(i) / 64}, 8)
			}
		}
		return stubserver.Hash(8)(text)
	}
	breaking := func(vector []any) any {
		for i, change := range broken {
			if f, err := vector[0].(json.Number).Float64(); err == nil && f == float64(i)/64 && vector[1] == vector[0] {
				return change(vector)
			}
		}
		return vector
	}
	for _, kind := range append([]string{"tei"}, strings.Fields(moreKinds)...) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			server := newFaultyOver(t, stubserver.New(stubserver.Options{Vector: marked}), allVectors(breaking), always)
			l := loading{kind: kind, url: address(kind, server.URL), corpus: corpus, index: filepath.Join(t.TempDir(), "index.db")}
			l.flags = []string{"--retry-for", "20s"}
			done := l.run(t)
			done.wantCode(t, exitRejects)
			wantIndex(t, l.index, strings.Join(kept, ""), true)
			var got []string
			for _, line := range done.rejects {
				var reject struct{ Document struct{ ID string } }
				if err := json.Unmarshal([]byte(line), &reject); err != nil {
					t.Fatal(err)
				}
				got = append(got, reject.Document.ID)
			}
			slices.Sort(got)
			if !slices.Equal(got, refused) {
				t.Errorf("rejected: %v, want %v", got, refused)
			}
		})
	}
}
