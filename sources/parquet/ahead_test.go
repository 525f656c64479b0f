package parquet_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	arrow "github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/parquet"
)

// read gives the documents of a file and its rejects, as text.
func read(ctx context.Context, source *sources.Corpus) (got []string) {
	for doc, err := range source.Documents(ctx) {
		got = append(got, fmt.Sprintf("%s %q %s %d %v", doc.ID, doc.Text, pipeline.AppendJSONFields(nil, doc.Payload), doc.Origin.Row, err))
	}
	return got
}

// TestWhatIsReadAheadIsWhatIsInTheFile reads files of pages of all sizes and of
// several row groups, one after the other, with any number of goroutines, in a bubble that waits for
// these: none outlives its file.
func TestWhatIsReadAheadIsWhatIsInTheFile(t *testing.T) {
	t.Parallel()
	for i, shape := range benchShapes(t) {
		for _, page := range []int64{1 << 10, 64 << 10, 1 << 20} {
			t.Run(fmt.Sprintf("%s, pages of %d bytes", shape.name, page), func(t *testing.T) {
				t.Parallel()
				shape := benchShapes(t)[i] // whose schema belongs to one file at a time
				path, _ := shape.file(t, 600, 250, arrow.WithCompression(compress.Codecs.Snappy), arrow.WithDataPageSize(page), arrow.WithBatchSize(10))
				synctest.Test(t, func(t *testing.T) {
					want := read(t.Context(), corpusBy(t, parquet.FormatAhead(0), shape.mapping, path, path))
					for _, readers := range []int{1, 2, 5} {
						got := read(t.Context(), corpusBy(t, parquet.FormatAhead(readers), shape.mapping, path, path))
						if len(got) != 1200 || len(want) != 1200 {
							t.Fatalf("%d readers: got %d documents, and %d without", readers, len(got), len(want))
						}
						for i := range want {
							if got[i] != want[i] {
								t.Fatalf("%d readers: document %d is\n%s, without\n%s", readers, i, got[i], want[i])
							}
						}
					}
				})
			})
		}
	}
}

// TestReadingAheadEndsWithItsConsumer leaves a file at several places, and
// cancels.
func TestReadingAheadEndsWithItsConsumer(t *testing.T) {
	t.Parallel()
	shape := benchShapes(t)[0]
	path, _ := shape.file(t, 600, 250, arrow.WithDataPageSize(4<<10), arrow.WithBatchSize(10))
	synctest.Test(t, func(t *testing.T) {
		for _, place := range []int{1, 3, 249, 250, 251, 599} {
			for _, cancels := range []bool{false, true} {
				ctx, cancel := context.WithCancelCause(t.Context())
				why, n := errors.New("enough"), 0
				for _, err := range corpusBy(t, parquet.FormatAhead(2), shape.mapping, path).Documents(ctx) {
					if err != nil {
						if !cancels || !errors.Is(err, why) {
							t.Errorf("after %d documents got %v", n, err)
						}
						continue
					}
					if n++; n < place {
						continue
					}
					if !cancels {
						break
					}
					cancel(why)
				}
				cancel(nil)
				if n != place {
					t.Errorf("got %d documents, want %d", n, place)
				}
			}
		}
	})
}

// TestAPageThatIsBrokenEndsTheFileAtItsRow breaks each page of a file in turn:
// all rows before it are read, and the error is the same when it is found
// ahead of its time.
func TestAPageThatIsBrokenEndsTheFileAtItsRow(t *testing.T) {
	t.Parallel()
	const pages = 9
	for broken := range pages {
		file := forged{}
		for i := range pages {
			p := forgedPage{values: 2, body: plainTexts(fmt.Sprintf("%d, one", i), fmt.Sprintf("%d, two", i)), crc: rightCRC}
			if i == broken {
				p.crc = wrongCRC
			}
			file.pages = append(file.pages, p)
		}
		want := ""
		for i := range broken {
			want += fmt.Sprintf("%d, one|%d, two|", i, i)
		}
		want += fmt.Sprintf("fatal, row group 1, row %d: column text: page %d: it does not match its checksum", 2*broken+1, broken+1)
		if got := readTexts(t, file.bytes()); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}
