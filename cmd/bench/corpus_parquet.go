package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// rowGroup is the number of documents in a row group: as many as writers make
// of text by default, and few enough to be held in memory.
const rowGroup = 10_000

// groupWords is how many words a row group holds, about, where documents are
// long; pageWords is how many a page holds that the library would fill with
// 1,024 values otherwise.
const groupWords, pageWords = 10 << 20, 1 << 20

// textColumnWords make a value of 1 kB, so that 1,024 of them fill the 1 MiB that
// writers make pages of.
const textColumnWords = 190

// within returns how many documents are of so many words, from 1 to most.
func (c corpus) within(words, most int) int { return max(min(words/max(c.Words, 1), most), 1) }

// writeParquet writes the corpus with the columns of its JSON lines.
func (c corpus) writeParquet(to io.Writer) (err error) {
	text := func(name string) schema.Node {
		return schema.MustPrimitive(schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Required,
			schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1))
	}
	columns := schema.FieldList{
		text("id"), text("title"), schema.NewInt32Node("year", parquet.Repetitions.Required, -1), text("text"),
	}
	for i := range c.Columns {
		columns = append(columns, text(fmt.Sprintf("column_%d", i)))
	}
	root, err := schema.NewGroupNode("document", parquet.Repetitions.Required, columns, -1)
	if err != nil {
		return err
	}
	properties := parquet.NewWriterProperties(
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCreatedBy("vecload bench"),
		parquet.WithBatchSize(int64(c.within(pageWords, int(parquet.DefaultWriteBatchSize)))))
	// The writer closes what it writes to when it can, which is not its job.
	writer := file.NewParquetWriter(struct{ io.Writer }{to}, root, file.WithWriterProps(properties))
	defer func() { err = errors.Join(err, writer.Close()) }()

	size := c.within(groupWords, rowGroup)
	if c.OneGroup {
		size = c.Documents
	}
	group := make([]document, 0, size)
	for d := range c.documents() {
		if group = append(group, d); len(group) == size {
			if err := c.writeGroup(writer.AppendRowGroup(), group); err != nil {
				return err
			}
			group = group[:0]
		}
	}
	if len(group) == 0 {
		return nil
	}
	return c.writeGroup(writer.AppendRowGroup(), group)
}

func (c corpus) writeGroup(to file.SerialRowGroupWriter, group []document) (err error) {
	defer func() { err = errors.Join(err, to.Close()) }()
	fields := []func(document) string{
		func(d document) string { return d.id },
		func(d document) string { return d.title },
		nil, // the year, which is a number
		func(d document) string { return d.text },
	}
	more := corpus{Words: textColumnWords}
	words := strings.Fields(vocabulary)
	for i := range c.Columns {
		fields = append(fields, func(d document) string { return more.document(d.number*c.Columns+i, words).text })
	}
	for i, field := range fields {
		writer, err := to.NextColumn()
		if err != nil {
			return err
		}
		switch column := writer.(type) {
		case *file.ByteArrayColumnChunkWriter:
			values := make([]parquet.ByteArray, 0, len(group))
			for d := range slices.Values(group) {
				values = append(values, parquet.ByteArray(field(d)))
			}
			_, err = column.WriteBatch(values, nil, nil)
		case *file.Int32ColumnChunkWriter:
			values := make([]int32, 0, len(group))
			for d := range slices.Values(group) {
				values = append(values, int32(d.year))
			}
			_, err = column.WriteBatch(values, nil, nil)
		default:
			err = fmt.Errorf("column %d takes neither text nor numbers", i)
		}
		if err := errors.Join(err, writer.Close()); err != nil {
			return err
		}
	}
	return nil
}
