package parquet_test

import (
	"testing"

	arrow "github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/sourcetest"
)

func TestImagesOfParquet(t *testing.T) {
	t.Parallel()
	sourcetest.RunPictures(t, func(tb testing.TB, records []sourcetest.Picture, mapping sources.Mapping) pipeline.Source {
		tb.Helper()
		fields := schema.FieldList{
			text(tb, "id", optional),
			text(tb, "caption", optional),
			group(tb, "image", optional, nil, plain(tb, "bytes", optional, arrow.Types.ByteArray), text(tb, "path", optional)),
		}
		half := len(records) / 2
		return corpus(tb, mapping, write(tb, encode(tb, fields, [][]data{pictureColumns(records[:half]), pictureColumns(records[half:])})))
	})
}

// pictureColumns writes a picture without bytes and path as a struct that is
// null.
func pictureColumns(records []sourcetest.Picture) []data {
	c := make([]data, 4)
	columns := make([][]string, 4)
	for _, r := range records {
		for i, value := range []string{r.ID, r.Caption, r.Bytes, r.Path} {
			def := int16(0)
			if i >= 2 && r.Bytes+r.Path != "" {
				def = 1
			}
			if value != "" {
				def++
				columns[i] = append(columns[i], value)
			}
			c[i].defs = append(c[i].defs, def)
		}
	}
	for i := range c {
		c[i].values = texts(columns[i]...)
	}
	return c
}

// images reads the images of a file's one column "image".
func images(t *testing.T, mapping sources.Mapping, node schema.Node, column data) []pipeline.Image {
	t.Helper()
	var got []pipeline.Image
	for doc, err := range corpus(t, mapping, write(t, encode(t, schema.FieldList{node}, [][]data{{column}}))).Documents(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, doc.Image)
	}
	return got
}

func TestImagesAreAColumnOfBytesOrOfPaths(t *testing.T) {
	t.Parallel()
	for _, payload := range [][]string{nil, {"*"}} {
		mapping := sources.Mapping{Image: "image", Payload: payload}
		got := images(t, mapping, plain(t, "image", required, arrow.Types.ByteArray), data{values: texts("\xff\xd8", "a.jpg")})
		if len(got) != 2 || got[0] != (pipeline.Image{Data: "\xff\xd8"}) || got[1] != (pipeline.Image{Data: "a.jpg"}) {
			t.Errorf("got %q of a column of bytes", got)
		}
		got = images(t, mapping, text(t, "image", required), data{values: texts("a.jpg", "data:image/png;base64,/9g=")})
		if len(got) != 2 || got[0] != (pipeline.Image{Ref: "a.jpg"}) || got[1] != (pipeline.Image{Data: "\xff\xd8"}) {
			t.Errorf("got %q of a column of strings", got)
		}
		nested := sources.Mapping{Image: "page.scan", Payload: payload}
		got = images(t, nested, group(t, "page", required, nil, plain(t, "scan", required, arrow.Types.ByteArray)), data{values: texts("\xff")})
		if len(got) != 1 || got[0] != (pipeline.Image{Data: "\xff"}) {
			t.Errorf("got %q of a column in a struct", got)
		}
	}
}

func TestAFileWithoutTheColumnOfTheImageIsRefused(t *testing.T) {
	t.Parallel()
	_, err := last(t, corpus(t, sources.Mapping{Text: "text", Image: "picture"}, write(t, small(t, 2))))
	if pipeline.Classify(err) != pipeline.Misconfigured || pipeline.Hint(err) == "" {
		t.Errorf("got %v of class %s", err, pipeline.Classify(err))
	}
}

func TestBytesOfOtherColumnsStayBase64(t *testing.T) {
	t.Parallel()
	fields := schema.FieldList{
		plain(t, "image", required, arrow.Types.ByteArray),
		group(t, "other", required, nil, plain(t, "bytes", required, arrow.Types.ByteArray)),
	}
	file := write(t, encode(t, fields, [][]data{{{values: texts("\xff")}, {values: texts("\xfe")}}}))
	for doc, err := range corpus(t, sources.Mapping{Image: "image", Payload: []string{"*"}}, file).Documents(t.Context()) {
		if got := string(pipeline.AppendJSONFields(nil, doc.Payload)); err != nil || got != `{"other":{"bytes":"/g=="}}` {
			t.Errorf("got %s and %v", got, err)
		}
	}
}
