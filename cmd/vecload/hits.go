package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// excerptBytes is how much of a text a person is shown of each hit.
const excerptBytes = 160

// hitLine is a hit as a person is shown it.
type hitLine struct {
	pipeline.Hit

	score string
	note  string // behind the document
}

// printHits shows hits to a person: rank, score and document, then the
// beginning of the text.
func printHits(w io.Writer, hits []pipeline.Hit) {
	lines := make([]hitLine, len(hits))
	for i, hit := range hits {
		lines[i] = hitLine{Hit: hit, score: fmt.Sprintf("%.3f", hit.Score)}
	}
	printLines(w, lines)
}

func printLines(w io.Writer, hits []hitLine) {
	if len(hits) == 0 {
		fmt.Fprintln(w, "nothing found: the vector that was searched has no points")
		return
	}
	for i, hit := range hits {
		place := ""
		if hit.Chunks > 1 {
			place = fmt.Sprintf("  (chunk %d of %d)", hit.Chunk+1, hit.Chunks)
		}
		fmt.Fprintf(w, "%2d  %s  %s%s%s\n", i+1, hit.score, printable(hit.Doc), place, hit.note)
		if text := excerpt(hit.Hit); text != "" {
			fmt.Fprintf(w, "           %s\n", text)
		}
	}
}

// excerpt is the beginning of the chunk's text in one line or, where texts
// are not kept, of the payload.
func excerpt(hit pipeline.Hit) string {
	text := hit.Text
	if text == "" && len(hit.Payload) > 0 {
		text = string(pipeline.AppendJSONFields(nil, hit.Payload))
	}
	return clip(strings.Join(strings.Fields(printable(clip(text, 4*excerptBytes))), " "), excerptBytes)
}

// printable replaces control characters: what a corpus holds must not move
// the cursor or change the colours of a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

// printFailure prints why there are no hits, as a JSON object where hits would
// be an array.
func printFailure(w io.Writer, err error) error {
	_, failed := w.Write(append(pipeline.AppendJSONFields(nil, []pipeline.Field{
		{Name: "error", Value: pipeline.String(err.Error())},
		{Name: "hint", Value: pipeline.String(hintOf(err))},
		{Name: "exit_code", Value: pipeline.Int(int64(exitCode(err)))},
	}), '\n'))
	return failed
}

// hitFields are those of a hit for machines; more follow its score.
func hitFields(hit pipeline.Hit, more ...pipeline.Field) []pipeline.Field {
	return slices.Concat([]pipeline.Field{
		{Name: "score", Value: pipeline.Float(math.Round(hit.Score*1e6) / 1e6)},
	}, more, []pipeline.Field{
		{Name: "id", Value: pipeline.String(hit.ID.String())},
		{Name: "vector", Value: pipeline.String(hit.Name)},
		{Name: "document", Value: pipeline.String(hit.Doc)},
		{Name: "chunk", Value: pipeline.Int(int64(hit.Chunk))},
		{Name: "chunks", Value: pipeline.Int(int64(hit.Chunks))},
		{Name: "text", Value: pipeline.String(hit.Text)},
		{Name: "payload", Value: pipeline.Object(hit.Payload)},
	})
}
