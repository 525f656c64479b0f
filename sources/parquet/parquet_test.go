package parquet_test

import (
	"slices"
	"testing"

	arrow "github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources/sourcetest"
)

func TestFilesKeepThePromisesOfASource(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]arrow.WriterProperty{
		"as written by default": nil,
		"small pages":           {arrow.WithDataPageSize(512), arrow.WithBatchSize(16)},
		"small pages, plain":    {arrow.WithDataPageSize(512), arrow.WithBatchSize(16), arrow.WithDictionaryDefault(false)},
		"version 2, zstd":       {arrow.WithDataPageVersion(arrow.DataPageV2), arrow.WithCompression(compress.Codecs.Zstd), arrow.WithDataPageSize(2048), arrow.WithBatchSize(16)},
		"snappy":                {arrow.WithCompression(compress.Codecs.Snappy)},
		"gzip":                  {arrow.WithCompression(compress.Codecs.Gzip)},
		"brotli":                {arrow.WithCompression(compress.Codecs.Brotli)},
		"delta encodings": {
			arrow.WithDictionaryDefault(false), arrow.WithDataPageSize(512), arrow.WithBatchSize(16),
			arrow.WithEncodingFor("number", arrow.Encodings.DeltaBinaryPacked),
			arrow.WithEncodingFor("id", arrow.Encodings.DeltaByteArray),
			arrow.WithEncodingFor("text", arrow.Encodings.DeltaLengthByteArray),
			arrow.WithEncodingFor("meta.author", arrow.Encodings.DeltaByteArray),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sourcetest.Run(t, func(tb testing.TB, records []sourcetest.Record) pipeline.Source {
				tb.Helper()
				var groups [][]data
				for part := range slices.Chunk(records, 701) {
					groups = append(groups, recordColumns(part))
				}
				return corpus(tb, sourcetest.Mapping(), write(tb, encode(tb, recordFields(tb), groups, options...)))
			})
		})
	}
}
