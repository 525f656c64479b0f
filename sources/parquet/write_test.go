package parquet_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	arrow "github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/parquet"
	"github.com/vecload/vecload/sources/sourcetest"
)

// data is one column of a row group: values in the physical type, and levels.
type data struct {
	values     any
	defs, reps []int16
}

// encode writes a Parquet file of row groups.
func encode(tb testing.TB, fields schema.FieldList, groups [][]data, options ...arrow.WriterProperty) []byte {
	tb.Helper()
	root, err := schema.NewGroupNode("schema", arrow.Repetitions.Required, fields, -1)
	if err != nil {
		tb.Fatal(err)
	}
	var out bytes.Buffer
	w := file.NewParquetWriter(&out, root, file.WithWriterProps(arrow.NewWriterProperties(options...)))
	for _, columns := range groups {
		group := w.AppendRowGroup()
		for _, d := range columns {
			column, err := group.NextColumn()
			if err != nil {
				tb.Fatal(err)
			}
			if err := writeColumn(column, d); err != nil {
				tb.Fatal(err)
			}
			if err := column.Close(); err != nil {
				tb.Fatal(err)
			}
		}
		if err := group.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func writeColumn(column file.ColumnChunkWriter, d data) error {
	var err error
	switch values := d.values.(type) {
	case []bool:
		_, err = column.(*file.BooleanColumnChunkWriter).WriteBatch(values, d.defs, d.reps)
	case []int32:
		_, err = column.(*file.Int32ColumnChunkWriter).WriteBatch(values, d.defs, d.reps)
	case []int64:
		_, err = column.(*file.Int64ColumnChunkWriter).WriteBatch(values, d.defs, d.reps)
	case []arrow.Int96:
		_, err = column.(*file.Int96ColumnChunkWriter).WriteBatch(values, d.defs, d.reps)
	case []float32:
		_, err = column.(*file.Float32ColumnChunkWriter).WriteBatch(values, d.defs, d.reps)
	case []float64:
		_, err = column.(*file.Float64ColumnChunkWriter).WriteBatch(values, d.defs, d.reps)
	case []arrow.ByteArray:
		_, err = column.(*file.ByteArrayColumnChunkWriter).WriteBatch(values, d.defs, d.reps)
	case []arrow.FixedLenByteArray:
		_, err = column.(*file.FixedLenByteArrayColumnChunkWriter).WriteBatch(values, d.defs, d.reps)
	}
	return err
}

func texts(values ...string) []arrow.ByteArray {
	list := make([]arrow.ByteArray, len(values))
	for i, v := range values {
		list[i] = arrow.ByteArray(v)
	}
	return list
}

const (
	required = 0
	optional = 1
	many     = 2
)

func repetition(r int) arrow.Repetition {
	return []arrow.Repetition{arrow.Repetitions.Required, arrow.Repetitions.Optional, arrow.Repetitions.Repeated}[r]
}

func leaf(tb testing.TB, name string, r int, logical schema.LogicalType, physical arrow.Type, size int) schema.Node {
	tb.Helper()
	node, err := schema.NewPrimitiveNodeLogical(name, repetition(r), logical, physical, size, -1)
	if err != nil {
		tb.Fatal(err)
	}
	return node
}

func text(tb testing.TB, name string, r int) schema.Node {
	tb.Helper()
	return leaf(tb, name, r, schema.StringLogicalType{}, arrow.Types.ByteArray, -1)
}

func plain(tb testing.TB, name string, r int, physical arrow.Type) schema.Node {
	tb.Helper()
	return leaf(tb, name, r, schema.NoLogicalType{}, physical, -1)
}

func group(tb testing.TB, name string, r int, logical schema.LogicalType, fields ...schema.Node) schema.Node {
	tb.Helper()
	node, err := schema.NewGroupNode(name, repetition(r), fields, -1)
	if logical != nil {
		node, err = schema.NewGroupNodeLogical(name, repetition(r), fields, logical, -1)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return node
}

// recordFields is the schema of the suite's records.
func recordFields(tb testing.TB) schema.FieldList {
	tb.Helper()
	return schema.FieldList{
		text(tb, "id", required),
		text(tb, "text", optional),
		plain(tb, "number", required, arrow.Types.Int64),
		plain(tb, "score", required, arrow.Types.Double),
		plain(tb, "flag", optional, arrow.Types.Boolean),
		group(tb, "tags", optional, schema.ListLogicalType{}, group(tb, "list", many, nil, text(tb, "element", optional))),
		group(tb, "meta", optional, nil, text(tb, "author", optional), plain(tb, "year", required, arrow.Types.Int64)),
	}
}

func recordColumns(records []sourcetest.Record) []data {
	c := make([]data, 8)
	var ids, bodies, tags, authors []string
	var numbers, years []int64
	var scores []float64
	var flags []bool
	for _, r := range records {
		ids, numbers, years = append(ids, r.ID), append(numbers, r.Number), append(years, r.Year)
		scores, flags, authors = append(scores, r.Score), append(flags, r.Flag), append(authors, r.Author)
		if r.Text != "" {
			bodies = append(bodies, r.Text)
			c[1].defs = append(c[1].defs, 1)
		} else {
			c[1].defs = append(c[1].defs, 0)
		}
		c[4].defs = append(c[4].defs, 1)
		for i, tag := range r.Tags {
			tags = append(tags, tag)
			c[5].defs = append(c[5].defs, 3)
			c[5].reps = append(c[5].reps, int16(min(i, 1)))
		}
		if len(r.Tags) == 0 {
			c[5].defs, c[5].reps = append(c[5].defs, 1), append(c[5].reps, 0)
		}
		c[6].defs, c[7].defs = append(c[6].defs, 2), append(c[7].defs, 1)
	}
	for i, values := range []any{texts(ids...), texts(bodies...), numbers, scores, flags, texts(tags...), texts(authors...), years} {
		c[i].values = values
	}
	return c
}

// write writes a file into a folder of the test.
func write(tb testing.TB, content []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "a.parquet")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

func corpus(tb testing.TB, mapping sources.Mapping, files ...string) *sources.Corpus {
	tb.Helper()
	return corpusBy(tb, parquet.Format(), mapping, files...)
}

func corpusBy(tb testing.TB, format sources.Format, mapping sources.Mapping, files ...string) *sources.Corpus {
	tb.Helper()
	c, err := sources.NewCorpus(sources.Input{Files: files, Formats: []sources.Format{format}}, mapping)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}
