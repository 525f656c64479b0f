package sources_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// join puts pieces of a file together.
func join(pieces ...[]byte) []byte { return bytes.Join(pieces, nil) }

// flip changes a byte of a file, counted from its end when at is negative.
func flip(content []byte, at int) []byte {
	changed := bytes.Clone(content)
	if at < 0 {
		at += len(changed)
	}
	changed[at] ^= 0xff
	return changed
}

func TestCompressedFilesThatAreBroken(t *testing.T) {
	t.Parallel()
	plain := good(1) + good(2)
	gz, zst := gzipped(t, plain), zstandard(t, plain)
	both := []string{"1 1", "2 2"}
	after := func(end string) []string { return []string{"1 1", "2 2", end} }
	end := func(place, reason string) string { return "fatal, FILE" + place + ": " + reason + hintDamaged }
	dictionary := zstandard(t, plain, zstd.WithEncoderDictRaw(7, []byte(strings.Repeat("a dictionary ", 100))))
	// A frame header that asks for a window of 2 GiB (RFC 8878, section 3.1.1.1.2).
	window := append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3}, zst[6:]...)
	skippable := append(binary.LittleEndian.AppendUint32([]byte{0x50, 0x2a, 0x4d, 0x18}, 5), "aside"...)
	for _, tc := range []broken{
		{name: "members, the last of them damaged", file: "a.jsonl.gz", content: join(gz, flip(gz, -20)), want: []string{
			// What a member holds is known to be right when its end is seen.
			"1 1", "2 2", "3 1", "4 rejected: invalid UTF-8 at byte 17", end(", line 5", "the compressed data does not match its checksum"),
		}},
		{name: "members, the last of them cut off", file: "a.jsonl.gz", content: join(gz, gz[:15]), want: after(end(", line 3", "the compressed data ends early"))},
		{name: "members with a last that is empty", file: "a.jsonl.gz", content: join(gz, gzipped(t, "")), want: both},
		{name: "text behind the end", file: "a.jsonl.gz", content: join(gz, []byte("and some more text")), want: after(end(", line 3", "what follows the compressed data is not compressed"))},
		{name: "zeros behind the end, as tapes pad", file: "a.jsonl.gz", content: join(gz, make([]byte, 512)), want: after(end(", line 3", "what follows the compressed data is not compressed"))},
		{name: "a header that is cut off", file: "a.jsonl.gz", content: gz[:6], want: []string{end("", "the compressed data ends early")}},
		{name: "a wrong checksum", file: "a.jsonl.gz", content: flip(gz, -6), want: after(end(", line 3", "the compressed data does not match its checksum"))},
		{name: "a wrong size", file: "a.jsonl.gz", content: flip(gz, -1), want: after(end(", line 3", "the compressed data does not match its checksum"))},
		{name: "plain text under a name of gzip", file: "a.jsonl.gz", content: []byte(plain), want: []string{"misconfigured, FILE: the file is not compressed, and its name says gzip" + hintWrongName}},
		{name: "nothing under a name of gzip", file: "a.jsonl.gz", content: nil, want: []string{end("", "the file is empty, which no compressed file is")}},
		{name: "gzip in gzip", file: "a.jsonl.gz", content: gzipped(t, string(gz)), want: []string{"misconfigured, FILE: what is decompressed is gzip, not JSONL" + hintConvert}},
		{name: "Parquet in gzip", file: "a.jsonl.gz", content: gzipped(t, "PAR1\x00PAR1"), want: []string{"misconfigured, FILE: what is decompressed is Parquet, not JSONL" + hintConvert}},
		{name: "UTF-16 in zstd", file: "a.jsonl.zst", content: zstandard(t, "\xff\xfe{\x00}\x00"), want: []string{"misconfigured, FILE: what is decompressed is UTF-16 text, not JSONL" + hintConvert}},
		{name: "frames one after the other", file: "a.jsonl.zst", content: join(zst, skippable, zst), want: []string{"1 1", "2 2", "3 1", "4 2"}},
		{name: "frames, the last of them cut off", file: "a.jsonl.zst", content: join(zst, zst[:len(zst)-6]), want: after(end(", line 3", "the compressed data ends early"))},
		{name: "text behind a frame", file: "a.jsonl.zst", content: join(zst, []byte("and some more text")), want: after(end(", line 3", "what follows the compressed data is not compressed"))},
		{name: "a wrong checksum of zstd", file: "a.jsonl.zst", content: flip(zst, -1), want: after(end(", line 3", "the compressed data does not match its checksum"))},
		{name: "zstd with a dictionary", file: "a.jsonl.zst", content: dictionary, want: []string{"misconfigured, FILE: the file needs a zstd dictionary, which is not in it → compress the file without a dictionary"}},
		{name: "a window of 2 GiB", file: "a.jsonl.zst", content: window, want: []string{"misconfigured, FILE: the zstd window is larger than 128 MiB → compress the file with a smaller window: zstd --long=27, or without --long"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for i := range tc.want {
				tc.want[i] = strings.ReplaceAll(tc.want[i], "FILE", tc.file)
			}
			tc.check(t)
		})
	}
}
