package parquet_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	arrow "github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/sourcetest"
)

func TestAFooterThatIsBrokenEndsTheFile(t *testing.T) {
	t.Parallel()
	page := forgedPage{values: 1, body: plainTexts(secret)}
	schemaOf := func(elements ...*compact) []byte {
		list := make([][]byte, len(elements))
		for i, e := range elements {
			list[i] = e.end()
		}
		return withFooter([]byte("PAR1"), (&compact{}).i32(1, 1).list(2, asGroup, len(list), list...).i64(3, 0).list(4, asGroup, 0).end())
	}
	deep := make([]*compact, 0, 10_001)
	for range 10_000 {
		deep = append(deep, (&compact{}).i32(3, 1).text(4, "text").i32(5, 1))
	}
	deep = append(deep, (&compact{}).i32(1, 6).i32(3, 1).text(4, "text"))
	root := (&compact{}).text(4, "schema").i32(5, 1)
	algorithm := (&compact{}).group(1, &compact{})
	for _, tc := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"columns that are encrypted", (&forged{pages: []forgedPage{page}, chunk: func(c *compact) { c.group(8, (&compact{}).group(1, &compact{})) }}).bytes(), "misconfigured: the file is encrypted"},
		{"a signed footer in plain text", (&forged{pages: []forgedPage{page}, file: func(c *compact) { c.group(8, algorithm) }}).bytes(), "misconfigured: the file is encrypted"},
		{"a column in another file", (&forged{pages: []forgedPage{page}, chunk: func(c *compact) {
			behind := c.out[1:] // what says the number of the first field, 2
			*c = *(&compact{last: 2}).joined((&compact{}).text(1, "../secret.parquet"), append([]byte{1<<4 | asI64}, behind...))
			c.last = 3
		}}).bytes(), "misconfigured: column text is kept in another file"},
		{"no columns", schemaOf((&compact{}).text(4, "schema").i32(5, 0)), "misconfigured: the file has no columns"},
		{"no schema", schemaOf(), "fatal, footer: "},
		{"a schema of ten thousand levels", schemaOf(append([]*compact{root}, deep...)...), "misconfigured: "},
		{"more children than there are", schemaOf((&compact{}).text(4, "schema").i32(5, 1<<31-1), (&compact{}).i32(1, 6).i32(3, 0).text(4, "text")), "fatal, footer: "},
		{"a list of two billion columns", withFooter([]byte("PAR1"), (&compact{}).i32(1, 1).list(2, asGroup, 1<<31-1, root.end()).end()), "fatal, footer: "},
		{"a footer of nothing", withFooter([]byte("PAR1"), []byte{0}), "fatal, footer: "},
		{"a footer without bytes", withFooter([]byte("PAR1"), nil), "fatal, footer: "},
		{"a column of no type", schemaOf(root, (&compact{}).i32(1, 77).i32(3, 0).text(4, "text")), ""},
		{"a name that is not UTF-8", schemaOf(root, (&compact{}).i32(1, 6).i32(3, 0).text(4, "te\xffxt")), "misconfigured: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := readTexts(t, tc.content)
			if !strings.HasPrefix(got, tc.want) || got == "" || strings.Contains(got, "|") {
				t.Errorf("got %q, want one error that begins with %s", got, tc.want)
			}
		})
	}
}

// TestAFileThatIsCutOffIsNeverReadAsWhole cuts a file at many places: as often
// it has no footer, and never gives fewer documents without an error.
func TestAFileThatIsCutOffIsNeverReadAsWhole(t *testing.T) {
	t.Parallel()
	whole := small(t, 200)
	for at := 0; at < len(whole); at += 1 + len(whole)/150 {
		n, err := last(t, corpus(t, sourcetest.Mapping(), write(t, whole[:at])))
		if class := pipeline.Classify(err); err == nil || class != pipeline.Fatal && class != pipeline.Misconfigured || pipeline.Hint(err) == "" {
			t.Errorf("cut after %d of %d bytes: %d documents and %v", at, len(whole), n, err)
		}
	}
}

func TestAFileThatIsCutWhileItIsReadEndsWithAnError(t *testing.T) {
	t.Parallel()
	content := small(t, 20_000, arrow.WithDictionaryDefault(false))
	path := write(t, content)
	read := 0
	var last error
	for _, err := range corpus(t, sourcetest.Mapping(), path).Documents(t.Context()) {
		if last = err; err != nil {
			break
		}
		if read++; read == 1 {
			if err := os.Truncate(path, int64(len(content)/3)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if last == nil || read >= 20_000 || pipeline.Classify(last) != pipeline.Fatal || !strings.HasSuffix(last.Error(), sources.ErrShorter.Error()) {
		t.Errorf("after %d documents got %v, want that the file became shorter", read, last)
	}
}

func TestFilesOfOneCorpusMayHaveOtherSchemas(t *testing.T) {
	t.Parallel()
	mapping := sources.Mapping{ID: "id", Text: "text", Payload: []string{"n"}}
	n := func(values any, physical arrow.Type) (schema.Node, data) {
		return plain(t, "n", required, physical), data{values: values}
	}
	file := func(nodes []schema.Node, columns ...data) string {
		return write(t, encode(t, nodes, [][]data{columns}))
	}
	integers, ofIntegers := n([]int64{1, 2}, arrow.Types.Int64)
	floats, ofFloats := n([]float64{1.5, 2.5}, arrow.Types.Double)
	body := data{values: texts("one", "two")}
	first := file([]schema.Node{text(t, "id", required), text(t, "text", required), integers}, data{values: texts("a", "b")}, body, ofIntegers)
	for _, tc := range []struct{ name, second, want string }{
		{"a column of another type", file([]schema.Node{plain(t, "id", required, arrow.Types.Int64), text(t, "text", required), floats}, data{values: []int64{7, 8}}, body, ofFloats), `7 {"n":1.5}|8 {"n":2.5}`},
		{"columns in another order", file([]schema.Node{integers, text(t, "text", required), text(t, "id", required)}, ofIntegers, body, data{values: texts("c", "d")}), `c {"n":1}|d {"n":2}`},
		{"a column of the payload is missing", file([]schema.Node{text(t, "id", required), text(t, "text", required)}, data{values: texts("c", "d")}, body), `c {}|d {}`},
		{"a column of nulls only", file([]schema.Node{text(t, "id", required), text(t, "text", optional), integers}, data{values: texts("c", "d")}, data{values: texts(), defs: []int16{0, 0}}, ofIntegers), "rejected:1: field text is null, not a text|rejected:2: field text is null, not a text"},
		{"the text is missing", file([]schema.Node{text(t, "id", required), text(t, "body", required), integers}, data{values: texts("c", "d")}, body, ofIntegers), "misconfigured: there is no column text"},
		{"the text is bytes of no kind", file([]schema.Node{text(t, "id", required), plain(t, "text", required, arrow.Types.Boolean), integers}, data{values: texts("c", "d")}, data{values: []bool{true, false}}, ofIntegers), "rejected:1: field text is a boolean, not a text|rejected:2: field text is a boolean, not a text"},
		{"the id is a fraction", file([]schema.Node{plain(t, "id", required, arrow.Types.Double), text(t, "text", required), integers}, data{values: []float64{1, 2.5}}, body, ofIntegers), "rejected:1: the id in field id is a number, not a string or an integer|rejected:2: the id in field id is a number, not a string or an integer"},
		{"two columns of one name", file([]schema.Node{text(t, "id", required), text(t, "text", required), text(t, "text", required)}, data{values: texts("c", "d")}, body, body), "misconfigured: there are two columns text"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for doc, err := range corpus(t, mapping, first, tc.second).Documents(t.Context()) {
				if err != nil {
					got = append(got, pipeline.Classify(err).String()+strings.TrimPrefix(err.Error(), tc.second))
					continue
				}
				got = append(got, fmt.Sprintf("%s %s", doc.ID, pipeline.AppendJSONFields(nil, doc.Payload)))
			}
			if g, w := strings.Join(got, "|"), `a {"n":1}|b {"n":2}|`+tc.want; g != w {
				t.Errorf("got  %s\nwant %s", g, w)
			}
		})
	}
}

func TestParquetUnderAnotherName(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{"JSONL": []byte("{\"id\":1,\"text\":\"a\"}\n"), "gzip": {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "zeros": make([]byte, 100), "magic only": []byte("PAR1PAR1"), "nothing": nil, "magic and zeros": append([]byte("PAR1"), bytes.Repeat([]byte{0}, 50)...)} {
		if got := readTexts(t, content); !strings.HasPrefix(got, "misconfigured: the file is ") && got != "fatal, footer: the file has no footer: it was cut off" {
			t.Errorf("%s: got %s", name, got)
		}
	}
}
