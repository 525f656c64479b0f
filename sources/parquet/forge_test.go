package parquet_test

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// compact writes structs of Thrift's compact protocol by hand, so that a file
// can say what no library would write.
type compact struct {
	out  []byte
	last int
}

const (
	asTrue, asFalse           = 1, 2
	asI32, asI64              = 5, 6
	asBinary, asList, asGroup = 8, 9, 12
)

func (c *compact) head(id, kind int) *compact {
	if delta := id - c.last; delta > 0 && delta < 16 {
		c.out = append(c.out, byte(delta<<4|kind))
	} else {
		c.out = binary.AppendVarint(append(c.out, byte(kind)), int64(id))
	}
	c.last = id
	return c
}

func (c *compact) i32(id int, v int64) *compact {
	c.head(id, asI32).out = binary.AppendVarint(c.out, v)
	return c
}

func (c *compact) i64(id int, v int64) *compact {
	c.head(id, asI64).out = binary.AppendVarint(c.out, v)
	return c
}

func (c *compact) text(id int, s string) *compact {
	c.head(id, asBinary).out = append(binary.AppendUvarint(c.out, uint64(len(s))), s...)
	return c
}

func (c *compact) group(id int, inner *compact) *compact {
	c.head(id, asGroup)
	c.out = append(c.out, inner.end()...)
	return c
}

// list writes the elements as they are, claimed times.
func (c *compact) list(id, kind, claimed int, elements ...[]byte) *compact {
	c.head(id, asList)
	c.out = binary.AppendUvarint(append(c.out, byte(0xf0|kind)), uint64(claimed))
	c.out = append(c.out, slices.Concat(elements...)...)
	return c
}

// joined has fields of two structs one after the other.
func (c *compact) joined(first *compact, second []byte) *compact {
	c.out = slices.Concat(first.out, second)
	return c
}

func (c *compact) end() []byte { return append(slices.Clone(c.out), 0) }

// forgedPage is a page whose header says what it likes.
type forgedPage struct {
	kind         int // 0 data, 2 dictionary, 3 data of version 2
	values       int64
	encoding     int64
	uncompressed int64 // 0: the size of body
	compressed   int64 // 0: the size of body
	crc          func(body []byte) uint32
	defs, reps   int64 // sizes of the levels, in version 2
	plain        bool  // not compressed, in version 2
	header       []byte
	body         []byte
}

func rightCRC(body []byte) uint32 { return crc32.ChecksumIEEE(body) }
func wrongCRC(body []byte) uint32 { return ^crc32.ChecksumIEEE(body) }

func (p *forgedPage) bytes() []byte {
	if p.header != nil {
		return slices.Concat(p.header, p.body)
	}
	size := func(said int64) int64 {
		if said != 0 {
			return said
		}
		return int64(len(p.body))
	}
	h := (&compact{}).i32(1, int64(p.kind)).i32(2, size(p.uncompressed)).i32(3, size(p.compressed))
	if p.crc != nil {
		h.i32(4, int64(int32(p.crc(p.body))))
	}
	switch p.kind {
	case 0:
		h.group(5, (&compact{}).i32(1, p.values).i32(2, p.encoding).i32(3, 3).i32(4, 3))
	case 2:
		h.group(7, (&compact{}).i32(1, p.values).i32(2, p.encoding))
	case 3:
		v2 := (&compact{}).i32(1, p.values).i32(2, 0).i32(3, p.values).i32(4, p.encoding).i32(5, p.defs).i32(6, p.reps)
		if p.plain {
			v2.head(7, asFalse)
		} else {
			v2.head(7, asTrue)
		}
		h.group(8, v2)
	}
	return append(h.end(), p.body...)
}

// forged is a file of one required column of strings, text, in one row group.
type forged struct {
	pages []forgedPage
	codec int64
	rows  int64 // of the file, the row group and the column; 0: those of the pages
	size  int64 // of the column; 0: that of the pages
	at    int64 // where the column begins; 0: behind the magic
	chunk func(c *compact)
	file  func(c *compact)
}

func (f *forged) bytes() []byte {
	out := []byte("PAR1")
	rows := int64(0)
	for i := range f.pages {
		out = append(out, f.pages[i].bytes()...)
		if f.pages[i].kind != 2 {
			rows += f.pages[i].values
		}
	}
	size, at := int64(len(out)-4), int64(4)
	if f.rows != 0 {
		rows = f.rows
	}
	if f.size != 0 {
		size = f.size
	}
	if f.at != 0 {
		at = f.at
	}
	meta := (&compact{}).i32(1, 6).list(2, asI32, 0).list(3, asBinary, 1, []byte("\x04text")).
		i32(4, f.codec).i64(5, rows).i64(6, size).i64(7, size).i64(9, at)
	if len(f.pages) > 0 && f.pages[0].kind == 2 {
		meta.i64(11, at)
	}
	chunk := (&compact{}).i64(2, at).group(3, meta)
	if f.chunk != nil {
		f.chunk(chunk)
	}
	group := (&compact{}).list(1, asGroup, 1, chunk.end()).i64(2, size).i64(3, rows)
	root := (&compact{}).text(4, "schema").i32(5, 1)
	leaf := (&compact{}).i32(1, 6).i32(3, 0).text(4, "text").i32(6, 0)
	file := (&compact{}).i32(1, 1).list(2, asGroup, 2, root.end(), leaf.end()).i64(3, rows).list(4, asGroup, 1, group.end())
	if f.file != nil {
		f.file(file)
	}
	return withFooter(out, file.end())
}

func withFooter(out, footer []byte) []byte {
	out = append(out, footer...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(footer))), "PAR1"...)
}

// plainTexts is texts in the encoding PLAIN.
func plainTexts(texts ...string) []byte {
	var out []byte
	for _, t := range texts {
		out = append(binary.LittleEndian.AppendUint32(out, uint32(len(t))), t...)
	}
	return out
}
