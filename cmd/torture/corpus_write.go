package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// rowGroup is small, so that a corpus has several.
const rowGroup = 500

// save writes documents to a file, whole or not at all.
func save(path, format string, docs []document) (err error) {
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(f)
	if format == "parquet" {
		err = writeParquet(buffered, docs)
	} else {
		err = writeLines(buffered, docs)
	}
	if err := errors.Join(err, buffered.Flush(), f.Close()); err != nil {
		return fmt.Errorf("write a corpus: %w", err)
	}
	return os.Rename(path+".part", path)
}

func writeLines(to io.Writer, docs []document) error {
	encoder := json.NewEncoder(to)
	for i := range docs {
		d := &docs[i]
		record := map[string]any{"id": d.id, "title": d.title, "edition": d.edition, "n": d.n}
		if d.body != "" {
			record["body"] = d.body
		}
		if err := encoder.Encode(record); err != nil {
			return err
		}
	}
	return nil
}

func writeParquet(to io.Writer, docs []document) (err error) {
	text := func(name string) schema.Node {
		return schema.MustPrimitive(schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Required,
			schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1))
	}
	root, err := schema.NewGroupNode("document", parquet.Repetitions.Required, schema.FieldList{
		text("id"), text("title"), text("edition"), schema.NewInt32Node("n", parquet.Repetitions.Required, -1), text("body"),
	}, -1)
	if err != nil {
		return err
	}
	// The writer closes what it writes to when it can, which is not its job.
	writer := file.NewParquetWriter(struct{ io.Writer }{to}, root)
	defer func() { err = errors.Join(err, writer.Close()) }()
	for len(docs) > 0 {
		group := docs[:min(rowGroup, len(docs))]
		docs = docs[len(group):]
		if err := writeGroup(writer.AppendRowGroup(), group); err != nil {
			return err
		}
	}
	return nil
}

func writeGroup(to file.SerialRowGroupWriter, group []document) (err error) {
	defer func() { err = errors.Join(err, to.Close()) }()
	for _, field := range []func(*document) string{
		func(d *document) string { return d.id },
		func(d *document) string { return d.title },
		func(d *document) string { return d.edition },
		nil, // the number
		func(d *document) string { return d.body },
	} {
		writer, err := to.NextColumn()
		if err != nil {
			return err
		}
		switch column := writer.(type) {
		case *file.ByteArrayColumnChunkWriter:
			values := make([]parquet.ByteArray, len(group))
			for i := range group {
				values[i] = parquet.ByteArray(field(&group[i]))
			}
			_, err = column.WriteBatch(values, nil, nil)
		case *file.Int32ColumnChunkWriter:
			values := make([]int32, len(group))
			for i := range group {
				values[i] = int32(group[i].n) //nolint:gosec // some thousands
			}
			_, err = column.WriteBatch(values, nil, nil)
		}
		if err := errors.Join(err, writer.Close()); err != nil {
			return err
		}
	}
	return nil
}
