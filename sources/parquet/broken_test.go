package parquet_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/parquet"
)

// secret stands in the texts of broken files: no message may hold it.
const secret = "xyzzy"

// readTexts reads a file by its column text and tells what came of it, which
// is the same whether or not its pages are read ahead.
func readTexts(tb testing.TB, content []byte) string {
	tb.Helper()
	path := write(tb, content)
	got := textsOf(tb, path, parquet.FormatAhead(0))
	if ahead := textsOf(tb, path, parquet.FormatAhead(2)); ahead != got {
		tb.Errorf("read ahead it is\n%s\nand otherwise\n%s", ahead, got)
	}
	return got
}

func textsOf(tb testing.TB, path string, format sources.Format) string {
	tb.Helper()
	var got []string
	for doc, err := range corpusBy(tb, format, sources.Mapping{Text: "text"}, path).Documents(tb.Context()) {
		if err == nil {
			got = append(got, doc.Text)
			continue
		}
		if strings.Contains(err.Error()+pipeline.Hint(err), secret) {
			tb.Errorf("a message holds what was read: %v", err)
		}
		class := pipeline.Classify(err)
		if class != pipeline.Rejected && pipeline.Hint(err) == "" {
			tb.Errorf("an error without a hint: %v", err)
		}
		got = append(got, class.String()+strings.TrimPrefix(err.Error(), path))
	}
	return strings.Join(got, "|")
}

// packers compress by the codecs of parquet.thrift, enum CompressionCodec.
func packers(tb testing.TB) map[int64]func([]byte) []byte {
	tb.Helper()
	through := func(w interface {
		Write(p []byte) (int, error)
		Close() error
	}, out *bytes.Buffer, data []byte,
	) []byte {
		if _, err := w.Write(data); err != nil {
			tb.Fatal(err)
		}
		if err := w.Close(); err != nil {
			tb.Fatal(err)
		}
		return out.Bytes()
	}
	return map[int64]func([]byte) []byte{
		0: bytes.Clone,
		1: func(b []byte) []byte { return snappy.Encode(nil, b) },
		2: func(b []byte) []byte { out := &bytes.Buffer{}; return through(gzip.NewWriter(out), out, b) },
		4: func(b []byte) []byte { out := &bytes.Buffer{}; return through(brotli.NewWriter(out), out, b) },
		6: func(b []byte) []byte {
			z, err := zstd.NewWriter(nil)
			if err != nil {
				tb.Fatal(err)
			}
			defer z.Close() //nolint:errcheck // it writes nowhere
			return z.EncodeAll(b, nil)
		},
		7: func(b []byte) []byte {
			out := make([]byte, lz4.CompressBlockBound(len(b)))
			n, err := lz4.CompressBlock(b, out, nil)
			if err != nil {
				tb.Fatal(err)
			}
			return out[:n]
		},
	}
}

func TestEveryCodecIsReadAndItsDamageSeen(t *testing.T) {
	t.Parallel()
	body := plainTexts("one "+strings.Repeat("word ", 50), "two")
	const want = "one word"
	for codec, pack := range packers(t) {
		packed := pack(body)
		for kind, version := range map[int]string{0: "1", 3: "2"} {
			page := func(edit func(p *forgedPage)) []byte {
				p := forgedPage{kind: kind, values: 2, uncompressed: int64(len(body)), body: bytes.Clone(packed)}
				edit(&p)
				return (&forged{codec: codec, pages: []forgedPage{p}}).bytes()
			}
			t.Run(fmt.Sprintf("codec %d, pages of version %s", codec, version), func(t *testing.T) {
				t.Parallel()
				for _, good := range []func(p *forgedPage){
					func(*forgedPage) {},
					func(p *forgedPage) { p.crc = rightCRC },
				} {
					if got := readTexts(t, page(good)); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "|two") {
						t.Errorf("got %s, want two texts", got)
					}
				}
				for name, bad := range map[string]func(p *forgedPage){
					"a wrong checksum":      func(p *forgedPage) { p.crc = wrongCRC },
					"a size that is larger": func(p *forgedPage) { p.uncompressed += 9 },
					"a size that is less":   func(p *forgedPage) { p.uncompressed -= 9 },
					"a cut body":            func(p *forgedPage) { p.body = p.body[:len(p.body)-3] },
					"no body":               func(p *forgedPage) { p.body = nil },
					"a body of noise": func(p *forgedPage) {
						for i := range p.body {
							p.body[i] = byte(i*131 + 7)
						}
					},
					"a flipped bit": func(p *forgedPage) {
						sum := rightCRC(p.body)
						p.crc = func([]byte) uint32 { return sum }
						p.body[len(p.body)/2] ^= 0x10
					},
				} {
					got := readTexts(t, page(bad))
					if !strings.Contains(got, "fatal, row group 1, row ") || !strings.Contains(got, "column text: ") {
						t.Errorf("%s: got %s, want an error that names the place", name, got)
					}
				}
			})
		}
	}
}

func TestPagesThatAreBroken(t *testing.T) {
	t.Parallel()
	good := forgedPage{values: 2, body: plainTexts("one", "two")}
	one := func(p forgedPage) forged { return forged{pages: []forgedPage{p}} }
	index := func(indexes ...byte) []byte { // of a dictionary, 8 bits each, a run of one each
		out := []byte{8}
		for _, i := range indexes {
			out = append(out, 1<<1, i)
		}
		return out
	}
	dictionary := forgedPage{kind: 2, values: 2, body: plainTexts("one", "two")}
	delta := func(values uint64) []byte { // DELTA_BINARY_PACKED of one repeated length
		out := binary.AppendUvarint(nil, 128)
		out = binary.AppendUvarint(out, 4)
		out = binary.AppendUvarint(out, values)
		return append(out, 0, 0, 0, 0, 0, 0)
	}
	for _, tc := range []struct {
		name string
		file forged
		want string
	}{
		{"nothing wrong", one(good), "one|two"},
		{"pages of other kinds between", forged{pages: []forgedPage{good, {kind: 1, body: []byte("an index")}, {kind: 9, body: []byte("?")}, good}}, "one|two|one|two"},
		{"a dictionary", forged{pages: []forgedPage{dictionary, {values: 3, encoding: 8, body: index(1, 0, 1)}}}, "two|one|two"},
		{"a checksum that is wrong in the second page", forged{pages: []forgedPage{good, {values: 2, body: plainTexts("one", secret), crc: wrongCRC}}}, "one|two|fatal, row group 1, row 3: column text: page 2: it does not match its checksum"},
		{"a checksum of a dictionary", forged{pages: []forgedPage{{kind: 2, values: 2, body: plainTexts("one", secret), crc: wrongCRC}, {values: 1, encoding: 8, body: index(1)}}}, "column text: page 1: it does not match its checksum"},
		{"an index beyond the dictionary", forged{pages: []forgedPage{dictionary, {values: 3, encoding: 8, body: index(1, 0, 7)}}}, "page 2: an index is beyond its dictionary"},
		{"an index of 32 bits", forged{pages: []forgedPage{dictionary, {values: 8, encoding: 8, body: append([]byte{32, 3}, bytes.Repeat([]byte{0x7f}, 32)...)}}}, "page 2: an index is beyond its dictionary"},
		{"a dictionary of two billion values", forged{pages: []forgedPage{{kind: 2, values: 1<<31 - 1, body: plainTexts(secret)}, {values: 1, encoding: 8, body: index(0)}}}, "a dictionary is smaller than the number of its values"},
		{"a dictionary of a negative number of values", forged{pages: []forgedPage{{kind: 2, values: -1, body: plainTexts(secret)}, {values: 1, encoding: 8, body: index(0)}}}, "its header has a size that no page has"},
		{"two dictionaries", forged{pages: []forgedPage{dictionary, dictionary, {values: 1, encoding: 8, body: index(0)}}}, "fatal, row group 1, row 1: column text: "},
		{"indexes without a dictionary", one(forgedPage{values: 1, encoding: 8, body: index(0)}), "fatal, row group 1, row 1: column text: "},
		{"an encoding that nobody knows", one(forgedPage{values: 2, encoding: 77, body: good.body}), "fatal, row group 1, row 1: column text: "},
		{"an encoding that is not for strings", one(forgedPage{values: 2, encoding: 5, body: good.body}), "fatal, row group 1, row 1"},
		{"a string of 2 GiB", one(forgedPage{values: 1, body: append(binary.LittleEndian.AppendUint32(nil, 1<<31-1), secret...)}), "fatal, row group 1, row 1"},
		{"a string of a negative length", one(forgedPage{values: 1, body: append(binary.LittleEndian.AppendUint32(nil, 1<<32-8), secret...)}), "fatal, row group 1, row 1"},
		{"more values than the page has", one(forgedPage{values: 3, body: good.body}), "fatal, row group 1, row "},
		{"two billion values", one(forgedPage{values: 1<<31 - 1, body: good.body}), "fatal, row group 1, row "},
		{"two billion lengths", one(forgedPage{values: 1<<31 - 1, encoding: 6, body: delta(1<<31 - 1)}), "it has more than 16777216 values"},
		{"two billion prefixes", one(forgedPage{values: 1<<31 - 1, encoding: 7, body: delta(1<<31 - 1)}), "it has more than 16777216 values"},
		{"fewer lengths than values", one(forgedPage{values: 9, encoding: 6, body: delta(2)}), "page 1: it does not have as many values as its levels say"},
		{"fewer prefixes than values", one(forgedPage{values: 9, encoding: 7, body: delta(2)}), "page 1: it does not have as many values as its levels say"},
		{"lengths of another number", one(forgedPage{values: 2, encoding: 6, body: delta(1 << 60)}), "page 1: it does not have as many values as its levels say"},
		{"a negative size", one(forgedPage{values: 2, compressed: -5, body: good.body}), "its header has a size that no page has"},
		{"a page that is longer than its column", one(forgedPage{values: 2, compressed: 1 << 20, uncompressed: 1 << 20, body: good.body}), "page 1: it reaches beyond the end of its column"},
		{"a page of 2 GiB", one(forgedPage{values: 2, compressed: 1<<31 - 1, uncompressed: 1<<31 - 1, body: good.body}), "page 1: its 2047 MiB are more than the 1024 MiB that a page may have"},
		{"a header of noise", one(forgedPage{values: 2, header: []byte{0x15, 0xff, 0xff, 0xff}, body: bytes.Repeat([]byte{0xff}, 40)}), "page 1: its header is malformed"},
		{"a header that is cut off", one(forgedPage{values: 2, header: []byte{0x15, 0x00, 0x15}, body: nil}), "page 1: its header ends early"},
		{"a header in a header in a header", one(forgedPage{values: 2, header: bytes.Repeat([]byte{0x9c}, 5000)}), "page 1: its header is malformed"},
		{"a header of a text of 2 GiB", one(forgedPage{values: 2, header: append([]byte{0xb8}, binary.AppendUvarint(nil, 1<<31)...)}), "page 1: its header ends early"},
		{"a header of nothing", one(forgedPage{values: 2, header: []byte{0}, body: good.body}), "page 1: its header is malformed"},
		{"no pages", forged{rows: 2}, "fatal, row group 1, row 1: column text: it has fewer rows than the row group"},
		{"levels that are longer than the page", one(forgedPage{kind: 3, values: 2, defs: 1 << 20, body: good.body}), "page 1: its levels are larger than the page"},
		{"levels of a negative size", one(forgedPage{kind: 3, values: 2, reps: -4, body: good.body}), "page 1: its header has a size that no page has"},
		{"a page of version 2 that is not compressed", forged{codec: 1, pages: []forgedPage{{kind: 3, values: 2, plain: true, body: good.body}}}, "one|two"},
		{"a page of version 2 of another size", forged{codec: 1, pages: []forgedPage{{kind: 3, values: 2, uncompressed: 100, body: snappy.Encode(nil, good.body)}}}, "page 1: it does not have the size that its header says"},
		{"snappy that says 4 GiB", forged{codec: 1, pages: []forgedPage{{values: 2, uncompressed: 14, body: append([]byte{0xff, 0xff, 0xff, 0xff, 0x0f}, good.body...)}}}, "page 1: it does not have the size that its header says"},
		{"LZ4 of the old kind", forged{codec: 5, pages: []forgedPage{good}}, "misconfigured: column text: it is compressed by LZ4 of the old kind, which is not read"},
		{"LZO", forged{codec: 3, pages: []forgedPage{good}}, "misconfigured: column text: it is compressed by LZO, which is not read"},
		{"a codec that nobody knows", forged{codec: 99, pages: []forgedPage{good}}, "misconfigured: column text: it is compressed by codec 99, which is not read"},
		{"more rows than values", forged{rows: 3, pages: []forgedPage{good}}, "one|two|fatal, row group 1, row 3: column text: it has fewer rows than the row group"},
		{"more values than rows", forged{rows: 1, pages: []forgedPage{good}}, "one|fatal, row group 1, row 1: column text has more rows than the row group"},
		{"a negative number of rows", forged{rows: -1, pages: []forgedPage{good}}, "fatal, row group 1, row 0: the row group has a negative number of rows"},
		{"a column before the file", forged{at: -4, pages: []forgedPage{good}}, "the column reaches beyond the end of the file"},
		{"a column behind the file", forged{at: 1 << 40, pages: []forgedPage{good}}, "the column reaches beyond the end of the file"},
		{"a column of a negative size", forged{size: -9, pages: []forgedPage{good}}, "the column reaches beyond the end of the file"},
		{"a column of 8 EiB", forged{size: 1<<63 - 1, pages: []forgedPage{good}}, "the column reaches beyond the end of the file"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := readTexts(t, tc.file.bytes()); !strings.Contains(got, tc.want) || tc.want == "" {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}
