package parquet_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/klauspost/compress/snappy"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/parquet"
)

// ends reads a file to its end: with documents, rejects or one error that says
// where, and never for long, and the same when its pages are read ahead.
func ends(t *testing.T, content []byte) {
	t.Helper()
	path := write(t, content)
	n, last := end(t, path, parquet.FormatAhead(0))
	if ahead, lastAhead := end(t, path, parquet.FormatAhead(2)); ahead != n || fmt.Sprint(lastAhead) != fmt.Sprint(last) {
		t.Errorf("read ahead it has %d documents and %v, otherwise %d and %v", ahead, lastAhead, n, last)
	}
}

func end(t *testing.T, path string, format sources.Format) (n int, last error) {
	t.Helper()
	for _, err := range corpusBy(t, format, sources.Mapping{Text: "text", Payload: []string{"*"}}, path).Documents(t.Context()) {
		if last = err; err != nil && pipeline.Classify(err) != pipeline.Rejected {
			if pipeline.Hint(err) == "" || !strings.HasPrefix(err.Error(), path) {
				t.Errorf("an error without its place or a hint: %v", err)
			}
		}
		if n++; n > 100_000 {
			break // a page may have as many values of no length as it likes
		}
	}
	return n, last
}

// FuzzPage reads a file of two pages whose headers and contents are any.
func FuzzPage(f *testing.F) {
	body := plainTexts("one", "two")
	f.Add(uint8(0), uint8(0), uint8(0), int32(2), int32(0), int32(0), int32(0), int32(2), body)
	f.Add(uint8(3), uint8(0), uint8(1), int32(2), int32(len(body)), int32(0), int32(0), int32(2), snappy.Encode(nil, body))
	f.Add(uint8(2), uint8(0), uint8(0), int32(2), int32(0), int32(0), int32(0), int32(2), body)
	f.Add(uint8(0), uint8(6), uint8(0), int32(2), int32(0), int32(0), int32(0), int32(2), []byte{128, 1, 4, 2, 6, 0, 0, 0, 0, 0, 'o', 'n', 'e', 't', 'w', 'o'})
	f.Add(uint8(0), uint8(7), uint8(0), int32(1<<30), int32(0), int32(0), int32(0), int32(2), []byte{128, 1, 4, 2, 0, 0, 0, 0, 0, 0})
	f.Add(uint8(0), uint8(8), uint8(6), int32(-1), int32(1<<30), int32(7), int32(9), int32(-1), []byte{2, 3, 0})
	f.Fuzz(func(t *testing.T, kind, encoding, codec uint8, values, size, defs, reps, rows int32, body []byte) {
		page := forgedPage{
			kind: int(kind % 4), values: int64(values), encoding: int64(encoding % 10),
			uncompressed: int64(size), defs: int64(defs), reps: int64(reps), body: body,
		}
		dictionary := forgedPage{kind: 2, values: 2, body: plainTexts("one", "two")}
		pages := []forgedPage{page, page}
		if encoding%10 == 8 {
			pages = []forgedPage{dictionary, page}
		}
		ends(t, (&forged{codec: int64(codec % 8), rows: int64(rows), pages: pages}).bytes())
	})
}

// FuzzHeader reads a file whose first page has any header and whose footer is
// any.
func FuzzHeader(f *testing.F) {
	good := forgedPage{values: 2, body: plainTexts("one", "two")}
	whole := (&forged{pages: []forgedPage{good}}).bytes()
	f.Add([]byte{0x15, 0, 0x15, 28, 0x15, 28, 0}, []byte{0})
	f.Add(good.bytes(), whole[4+len(good.bytes()):len(whole)-8])
	f.Fuzz(func(t *testing.T, header, footer []byte) {
		ends(t, (&forged{pages: []forgedPage{{values: 2, header: header, body: good.body}}}).bytes())
		ends(t, withFooter(append([]byte("PAR1"), good.bytes()...), footer))
	})
}
