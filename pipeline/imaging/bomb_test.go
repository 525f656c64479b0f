package imaging_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"runtime"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/imaging"
)

// chunk is one of a PNG file.
func chunk(kind string, data []byte) string {
	var out bytes.Buffer
	_ = binary.Write(&out, binary.BigEndian, uint32(len(data)))
	out.WriteString(kind)
	out.Write(data)
	_ = binary.Write(&out, binary.BigEndian, crc32.ChecksumIEEE(append([]byte(kind), data...)))
	return out.String()
}

// pngOf is a PNG file of 8 bits of grey whose size is only said.
func pngOf(w, h uint32, data string) string {
	head := binary.BigEndian.AppendUint32(nil, w)
	head = append(binary.BigEndian.AppendUint32(head, h), 8, 0, 0, 0, 0)
	return "\x89PNG\r\n\x1a\n" + chunk("IHDR", head) + chunk("IDAT", []byte(data)) + chunk("IEND", nil)
}

// deflated is n zero bytes, a thousandth as long.
func deflated(tb testing.TB, n int) string {
	tb.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	for zeros := make([]byte, 1<<16); n > 0; n -= len(zeros) {
		if _, err := w.Write(zeros[:min(n, len(zeros))]); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.String()
}

// refused checks that a file is a reject of the reason want, and that no more
// than some MiB are allocated before it is.
func refused(t *testing.T, file, want string, most uint64) {
	t.Helper()
	p := preparer(t, imaging.Options{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	out, err := p.Prepare(t.Context(), file)
	runtime.ReadMemStats(&after)
	if out != "" || pipeline.Classify(err) != pipeline.Rejected || !strings.Contains(err.Error(), want) {
		t.Errorf("got %d bytes and %v, want a reject: %s", len(out), err, want)
	}
	if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > most {
		t.Errorf("%d MiB were allocated, want at most %d", used, most)
	}
}

//nolint:paralleltest // it measures what the whole process allocates
func TestBombsAreRefusedBeforeAPixelIsDecoded(t *testing.T) {
	t.Run("a PNG that says it is huge", func(t *testing.T) {
		refused(t, pngOf(29_999, 29_999, "x"), "40000000 in all are allowed", 1)
	})
	t.Run("a PNG with a side beyond all limits", func(t *testing.T) {
		refused(t, pngOf(1<<31-1, 1<<31-1, "x"), "", 1)
	})
	t.Run("a GIF with a huge canvas", func(t *testing.T) {
		refused(t, "GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff,", "no side may have more than 30000", 1)
	})
	t.Run("a JPEG that says it is huge", func(t *testing.T) {
		small := encode(t, "jpeg", picture(16, 16))
		at := strings.Index(small, "\xff\xc0") + 5
		refused(t, small[:at]+"\x75\x30\x75\x30"+small[at+4:], "30000×30000 pixels", 1)
	})
	t.Run("a BMP that says it is huge", func(t *testing.T) {
		small := encode(t, "bmp", picture(16, 16))
		refused(t, small[:18]+"\x30\x75\x00\x00\x30\x75\x00\x00"+small[26:], "30000×30000 pixels", 1)
	})
	t.Run("a WebP with a huge picture in a small canvas", func(t *testing.T) {
		inner := "VP8L\x05\x00\x00\x00\x2f\xff\xff\xff\x0f\x00"
		body := "WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x0f\x00\x00\x0f\x00\x00" + inner
		refused(t, "RIFF"+string(binary.LittleEndian.AppendUint32(nil, uint32(len(body))))+body, "cannot be decoded", 1)
	})
	t.Run("a file beyond the limit", func(t *testing.T) {
		refused(t, strings.Repeat("x", 20<<20+1), "20971520 are allowed", 1)
	})
}

//nolint:paralleltest // it measures what the whole process allocates
func TestBombsAreBoundedWhileTheyAreDecoded(t *testing.T) {
	t.Run("a PNG whose data goes on behind its pixels", func(t *testing.T) {
		refused(t, pngOf(64, 64, deflated(t, 8<<20)), "too much pixel data", 4)
	})
	t.Run("a PNG of fewer pixels than it says", func(t *testing.T) {
		refused(t, pngOf(6000, 6000, deflated(t, 1<<20)), "", 80)
	})
	t.Run("a JPEG of very many scans", func(t *testing.T) {
		file := fixture(t, "progressive.jpg")
		scan := file[strings.LastIndex(file, "\xff\xda") : len(file)-2]
		refused(t, file[:len(file)-2]+strings.Repeat(scan, 100)+file[len(file)-2:], "more scans", 1)
	})
	t.Run("a TIFF whose blocks are all the same data", func(t *testing.T) {
		refused(t, tiffBomb(t), "lie one over the other", 200)
	})
}

// tiffBomb is a TIFF file of many blocks that all point to one MiB of empty
// deflate blocks.
func tiffBomb(tb testing.TB) string {
	tb.Helper()
	const side, tile = 4096, 16
	const blocks = (side / tile) * (side / tile)
	empty := "\x78\x9c" + strings.Repeat("\x00\x00\x00\xff\xff", 1<<20/5) + deflated(tb, tile*tile)[2:]
	var out, offsets, counts []byte
	le := binary.LittleEndian
	out = append(out, "II*\x00\x00\x00\x00\x00"...)
	data := len(out)
	out = append(out, empty...)
	for range blocks {
		offsets = le.AppendUint32(offsets, uint32(data))
		counts = le.AppendUint32(counts, uint32(len(empty)))
	}
	atOffsets := len(out)
	out = append(out, offsets...)
	atCounts := len(out)
	out = append(out, counts...)
	le.PutUint32(out[4:], uint32(len(out)))
	entries := [][3]uint32{ // tag, count, value; all of 4 bytes
		{256, 1, side},
		{257, 1, side},
		{258, 1, 8},
		{259, 1, 8},
		{262, 1, 1},
		{322, 1, tile},
		{323, 1, tile},
		{324, blocks, uint32(atOffsets)},
		{325, blocks, uint32(atCounts)},
	}
	out = le.AppendUint16(out, uint16(len(entries)))
	for _, e := range entries {
		out = le.AppendUint16(out, uint16(e[0]))
		out = le.AppendUint16(out, 4)
		out = le.AppendUint32(out, e[1])
		out = le.AppendUint32(out, e[2])
	}
	return string(le.AppendUint32(out, 0))
}

func TestAnImageAtTheLimitIsTaken(t *testing.T) {
	t.Parallel()
	limited := imaging.Options{MaxPixels: 800 * 500}
	if b := prepare(t, limited, encode(t, "jpeg", image.NewGray(image.Rect(0, 0, 800, 500)))).Bounds(); b.Dx() != 717 || b.Dy() != 448 {
		t.Errorf("got %v, want 717×448", b)
	}
	_, err := preparer(t, limited).Prepare(t.Context(), encode(t, "jpeg", image.NewGray(image.Rect(0, 0, 801, 500))))
	if err == nil || err.Error() != "the image has 801×500 pixels, 400000 in all are allowed" {
		t.Errorf("got %v", err)
	}
}
