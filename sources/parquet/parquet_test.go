package parquet_test

import (
	"slices"
	"testing"

	arrow "github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/parquet"
	"github.com/vecload/vecload/sources/sourcetest"
)

func TestFilesKeepThePromisesOfASource(t *testing.T) {
	t.Parallel()
	ahead := []string{"as written by default", "small pages", "version 2, zstd", "delta encodings"}
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
		formats := map[string]sources.Format{"": parquet.FormatAhead(0)}
		if slices.Contains(ahead, name) {
			formats[", ahead"] = parquet.FormatAhead(3)
		}
		for also, format := range formats {
			t.Run(name+also, func(t *testing.T) {
				t.Parallel()
				sourcetest.Run(t, func(tb testing.TB, records []sourcetest.Record) pipeline.Source {
					tb.Helper()
					var groups [][]data
					for part := range slices.Chunk(records, 701) {
						groups = append(groups, recordColumns(part))
					}
					return corpusBy(tb, format, sourcetest.Mapping(), write(tb, encode(tb, recordFields(tb), groups, options...)))
				})
			})
		}
	}
}
