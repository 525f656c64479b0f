package main

import (
	"errors"
	"io"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// rowGroup is the number of documents in a row group: several groups in the
// corpus, so that reading it is like reading a large file.
const rowGroup = 2000

// writeParquet writes the documents with the columns of the JSON lines, in
// the same order. It does not close what it writes to.
func writeParquet(to io.Writer, documents []document) (err error) {
	columns := columnsOf()
	fields := make(schema.FieldList, len(columns))
	for i, column := range columns {
		field, err := schema.NewPrimitiveNodeLogical(column.name, parquet.Repetitions.Required,
			schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1)
		if err != nil {
			return err
		}
		fields[i] = field
	}
	root, err := schema.NewGroupNode("document", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return err
	}
	properties := parquet.NewWriterProperties(
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCreatedBy("vecload godocs"))
	// The writer closes what it writes to when it can, which is not its job.
	writer := file.NewParquetWriter(struct{ io.Writer }{to}, root, file.WithWriterProps(properties))
	defer func() { err = errors.Join(err, writer.Close()) }()
	for start := 0; start < len(documents); start += rowGroup {
		group := documents[start:min(start+rowGroup, len(documents))]
		if err := writeGroup(writer.AppendRowGroup(), columns, group); err != nil {
			return err
		}
	}
	return nil
}

func writeGroup(to file.SerialRowGroupWriter, columns []column, group []document) (err error) {
	defer func() { err = errors.Join(err, to.Close()) }()
	values := make([]parquet.ByteArray, len(group))
	for _, column := range columns {
		writer, err := to.NextColumn()
		if err != nil {
			return err
		}
		texts, ok := writer.(*file.ByteArrayColumnChunkWriter)
		if !ok {
			return errors.New("the column " + column.name + " takes no text")
		}
		for i, d := range group {
			values[i] = parquet.ByteArray(column.value(d))
		}
		_, err = texts.WriteBatch(values, nil, nil)
		if err := errors.Join(err, texts.Close()); err != nil {
			return err
		}
	}
	return nil
}

// column is one column of the file, with where its values come from.
type column struct {
	name  string
	value func(document) string
}

func columnsOf() []column {
	return []column{
		{"id", func(d document) string { return d.ID }},
		{"package", func(d document) string { return d.Package }},
		{"symbol", func(d document) string { return d.Symbol }},
		{"kind", func(d document) string { return string(d.Kind) }},
		{"signature", func(d document) string { return d.Signature }},
		{"doc", func(d document) string { return d.Doc }},
		{"since", func(d document) string { return d.Since }},
	}
}
