package jsonl_test

import (
	"bytes"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/sourcetest"
)

func TestImagesOfJSONLines(t *testing.T) {
	t.Parallel()
	sourcetest.RunPictures(t, func(tb testing.TB, records []sourcetest.Picture, mapping sources.Mapping) pipeline.Source {
		tb.Helper()
		var plain bytes.Buffer
		for _, r := range records {
			plain.Write(r.JSON())
			plain.WriteByte('\n')
		}
		return corpus(tb, mapping, write(tb, "a.jsonl", plain.Bytes()))
	})
}
