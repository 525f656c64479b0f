package parquet_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	arrow "github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/vecload/vecload/sources"
)

// TestColumnsShareWhatIsNotTheirPage reads a file of many columns at once, and
// looks at how much memory it takes beside the page of each.
//
//nolint:paralleltest // what others allocate would count
func TestColumnsShareWhatIsNotTheirPage(t *testing.T) {
	for page, allowed := range map[int]int{24 << 10: 40 << 10, 64: 30 << 10} {
		each := besideThePage(t, page)
		if t.Logf("%d bytes a column with a page of %d", each, page); each > allowed {
			t.Errorf("a column with a page of %d takes %d bytes beside it and its value", page, each)
		}
	}
}

// besideThePage returns the bytes that are allocated for a column with a page
// of so many.
func besideThePage(t *testing.T, page int) int {
	t.Helper()
	const columns = 400
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // nothing is secured by it
	fields, values := schema.FieldList{text(t, "id", required), text(t, "text", required)}, []data{
		{values: texts("a")}, {values: texts("some text")},
	}
	for i := range columns {
		// Half of it is left when it is compressed.
		noise := make([]byte, page/2)
		for j := range noise {
			noise[j] = byte(random.Uint32())
		}
		fields = append(fields, text(t, fmt.Sprintf("column_%d", i), required))
		values = append(values, data{values: texts(hex.EncodeToString(noise))})
	}
	file := write(t, encode(t, fields, [][]data{values},
		arrow.WithCompression(compress.Codecs.Zstd), arrow.WithDictionaryDefault(false), arrow.WithStats(false)))
	source := corpus(t, sources.Mapping{ID: "id", Text: "text", Payload: []string{"*"}}, file)

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for d, err := range source.Documents(t.Context()) {
		if err != nil || len(d.Payload) < columns {
			t.Fatalf("%d fields (%v)", len(d.Payload), err)
		}
	}
	runtime.ReadMemStats(&after)
	// The page is there as it is, and its value as a string.
	return int(after.TotalAlloc-before.TotalAlloc)/columns - 2*page
}
