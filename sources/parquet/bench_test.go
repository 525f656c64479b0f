package parquet_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	arrow "github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/parquet"
)

// benchRows is the number of rows of the files that are read here, and
// benchGroup how many of them are in a row group.
const benchRows, benchGroup = 20_000, 10_000

// benchShape is a kind of file.
type benchShape struct {
	name    string
	fields  schema.FieldList
	column  func(i int, random *rand.Rand, rows int) data
	mapping sources.Mapping
}

// words makes a text of so many words that compresses as prose does.
func words(random *rand.Rand, n int) string {
	const letters = "etaoinshrdlucmfwypvbgkjqxz"
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		word := int(random.ExpFloat64() * 2000)
		for range 3 + word%6 {
			b.WriteByte(letters[word%len(letters)])
			word = word*7 + 3
		}
	}
	return b.String()
}

func benchShapes(tb testing.TB) []benchShape {
	tb.Helper()
	list := func(name string, element schema.Node) schema.Node {
		return group(tb, name, optional, schema.ListLogicalType{}, group(tb, "list", many, nil, element))
	}
	column := func(rows int, value func(i int) string) data {
		values := make([]string, rows)
		for i := range values {
			values[i] = value(i)
		}
		return data{values: texts(values...)}
	}
	ids := func(rows int) data { return column(rows, func(i int) string { return fmt.Sprintf("doc-%d", i) }) }
	text100 := func(random *rand.Rand, rows int) data {
		return column(rows, func(int) string { return words(random, 100) })
	}
	return []benchShape{
		{
			// A text and what stands beside it.
			name: "texts",
			fields: schema.FieldList{
				text(tb, "id", required), text(tb, "title", optional), text(tb, "language", optional),
				plain(tb, "year", required, arrow.Types.Int32), text(tb, "text", optional),
			},
			column: func(i int, random *rand.Rand, rows int) data {
				present := make([]int16, rows)
				for i := range present {
					present[i] = 1
				}
				var d data
				switch i {
				case 0:
					return ids(rows)
				case 1:
					d = column(rows, func(int) string { return words(random, 6) })
				case 2:
					d = column(rows, func(i int) string { return []string{"en", "de", "fr", "pt-BR"}[i%4] })
				case 3:
					years := make([]int32, rows)
					for i := range years {
						years[i] = int32(1950 + random.IntN(75))
					}
					return data{values: years}
				case 4:
					d = text100(random, rows)
				}
				d.defs = present
				return d
			},
			mapping: sources.Mapping{ID: "id", Text: "text", Payload: []string{"title", "language", "year"}},
		},
		{
			name: "lists",
			fields: schema.FieldList{
				text(tb, "id", required), text(tb, "text", required), list("tags", text(tb, "element", optional)),
				list("scores", plain(tb, "element", required, arrow.Types.Double)),
			},
			column: func(i int, random *rand.Rand, rows int) data {
				var d data
				switch i {
				case 0:
					return ids(rows)
				case 1:
					return text100(random, rows)
				case 2:
					var tags []string
					for range rows {
						for j := range 5 {
							tags = append(tags, fmt.Sprintf("tag-%d", random.IntN(300)))
							d.defs, d.reps = append(d.defs, 3), append(d.reps, int16(min(j, 1)))
						}
					}
					d.values = texts(tags...)
				case 3:
					var scores []float64
					for range rows {
						for j := range 10 {
							scores = append(scores, random.Float64())
							d.defs, d.reps = append(d.defs, 2), append(d.reps, int16(min(j, 1)))
						}
					}
					d.values = scores
				}
				return d
			},
			mapping: sources.Mapping{ID: "id", Text: "text", Payload: []string{"*"}},
		},
		{
			name: "numbers",
			fields: append(schema.FieldList{text(tb, "id", required), text(tb, "text", required)}, func() (fields schema.FieldList) {
				for i := range 20 {
					fields = append(fields, plain(tb, fmt.Sprintf("n%d", i), i%2, arrow.Types.Double))
				}
				return fields
			}()...),
			column: func(i int, random *rand.Rand, rows int) data {
				switch i {
				case 0:
					return ids(rows)
				case 1:
					return column(rows, func(int) string { return words(random, 6) })
				}
				var d data
				numbers := make([]float64, 0, rows)
				for range rows {
					if i%2 == 1 {
						def := int16(min(random.IntN(5), 1))
						if d.defs = append(d.defs, def); def == 0 {
							continue
						}
					}
					numbers = append(numbers, float64(random.IntN(5000)))
				}
				d.values = numbers
				return d
			},
			mapping: sources.Mapping{ID: "id", Text: "text", Payload: []string{"*"}},
		},
	}
}

// file writes a file of the shape and returns its path and what its values take.
func (s benchShape) file(tb testing.TB, rows, group int, options ...arrow.WriterProperty) (path string, size int64) {
	tb.Helper()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // nothing is secured by it
	var groups [][]data
	for rows > 0 {
		columns := make([]data, len(s.fields))
		for i := range columns {
			columns[i] = s.column(i, random, min(rows, group))
			size += sizeOf(columns[i])
		}
		groups = append(groups, columns)
		rows -= group
	}
	return write(tb, encode(tb, s.fields, groups, options...)), size
}

func sizeOf(d data) (size int64) {
	switch values := d.values.(type) {
	case []arrow.ByteArray:
		for _, v := range values {
			size += int64(len(v))
		}
	case []int32:
		size = int64(4 * len(values))
	case []float64:
		size = int64(8 * len(values))
	}
	return size
}

// benchFiles calls bench for each kind of file.
func benchFiles(b *testing.B, bench func(b *testing.B, shape benchShape, path string)) {
	b.Helper()
	for _, shape := range benchShapes(b) {
		for _, codec := range []struct {
			name string
			as   compress.Compression
		}{{"none", compress.Codecs.Uncompressed}, {"snappy", compress.Codecs.Snappy}, {"zstd", compress.Codecs.Zstd}, {"gzip", compress.Codecs.Gzip}} {
			for _, dictionary := range []bool{false, true} {
				name := fmt.Sprintf("%s/%s/dictionary=%t", shape.name, codec.name, dictionary)
				b.Run(name, func(b *testing.B) {
					path, size := shape.file(b, benchRows, benchGroup, arrow.WithCompression(codec.as), arrow.WithDictionaryDefault(dictionary), arrow.WithStats(false))
					b.SetBytes(size)
					b.ReportAllocs()
					bench(b, shape, path)
					b.ReportMetric(benchRows*float64(b.N)/b.Elapsed().Seconds(), "docs/s")
				})
			}
		}
	}
}

func BenchmarkRead(b *testing.B) {
	benchFiles(b, func(b *testing.B, shape benchShape, path string) {
		b.Helper()
		source := corpus(b, shape.mapping, path)
		for b.Loop() {
			n := 0
			for _, err := range source.Documents(b.Context()) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
			if n != benchRows {
				b.Fatalf("got %d documents, want %d", n, benchRows)
			}
		}
	})
}

// BenchmarkLibrary reads the columns of the same files by the library alone,
// into slices that it uses again, and makes nothing of them.
func BenchmarkLibrary(b *testing.B) {
	benchFiles(b, func(b *testing.B, _ benchShape, path string) {
		b.Helper()
		for b.Loop() {
			if err := readByLibrary(path); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func readByLibrary(path string) error {
	const batch = 1024
	opened, err := os.Open(path)
	if err != nil {
		return err
	}
	r, err := file.NewParquetReader(opened)
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // nothing was written to it
	defs, reps := make([]int16, batch), make([]int16, batch)
	bytes, doubles, integers := make([]arrow.ByteArray, batch), make([]float64, batch), make([]int32, batch)
	for g := range r.NumRowGroups() {
		group := r.RowGroup(g)
		for c := range group.NumColumns() {
			column, err := group.Column(c)
			if err != nil {
				return err
			}
			for column.HasNext() && err == nil {
				switch column := column.(type) {
				case *file.ByteArrayColumnChunkReader:
					_, _, err = column.ReadBatch(batch, bytes, defs, reps)
				case *file.Float64ColumnChunkReader:
					_, _, err = column.ReadBatch(batch, doubles, defs, reps)
				case *file.Int32ColumnChunkReader:
					_, _, err = column.ReadBatch(batch, integers, defs, reps)
				}
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// BenchmarkAhead reads with pages read ahead on any number of goroutines.
func BenchmarkAhead(b *testing.B) {
	shape := benchShapes(b)[0]
	for _, codec := range []struct {
		name string
		as   compress.Compression
	}{{"snappy", compress.Codecs.Snappy}, {"zstd", compress.Codecs.Zstd}} {
		for _, layout := range []struct {
			name               string
			files, rows, group int
		}{{"one group", 1, 20_000, 20_000}, {"groups of 1000", 1, 20_000, 1000}, {"files of 1000", 20, 1000, 1000}} {
			var files []string
			for range layout.files {
				path, _ := shape.file(b, layout.rows, layout.group, arrow.WithCompression(codec.as), arrow.WithStats(false))
				files = append(files, path)
			}
			for readers := range 4 {
				b.Run(fmt.Sprintf("%s/%s/ahead=%d", codec.name, layout.name, readers), func(b *testing.B) {
					source := corpusBy(b, parquet.FormatAheadFrom(readers), shape.mapping, files...)
					b.ReportAllocs()
					for b.Loop() {
						for _, err := range source.Documents(b.Context()) {
							if err != nil {
								b.Fatal(err)
							}
						}
					}
					b.ReportMetric(benchRows*float64(b.N)/b.Elapsed().Seconds(), "docs/s")
				})
			}
		}
	}
}
