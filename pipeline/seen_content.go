package pipeline

import "hash/maphash"

// contentHash is of all that a document is, but its id and its place.
func (s *seen) contentHash(d *Document) uint32 {
	var h maphash.Hash
	h.SetSeed(s.id)
	h.WriteString(d.Text)
	if !d.Image.IsZero() {
		maphash.WriteComparable(&h, len(d.Text))
		maphash.WriteComparable(&h, len(d.Image.Data))
		h.WriteString(d.Image.Data)
		h.WriteString(d.Image.Ref)
	}
	hashFields(&h, d.Payload)
	sum := h.Sum64()
	return uint32(sum ^ sum>>32)
}

func hashFields(h *maphash.Hash, fields []Field) {
	maphash.WriteComparable(h, len(fields))
	for i := range fields {
		h.WriteString(fields[i].Name)
		h.WriteByte(0)
		hashValue(h, &fields[i].Value)
	}
}

func hashValue(h *maphash.Hash, v *Value) {
	h.WriteByte(byte(v.kind))
	switch v.kind {
	case KindNull:
	case KindBool, KindInt, KindFloat:
		maphash.WriteComparable(h, v.bits)
	case KindString:
		maphash.WriteComparable(h, len(v.str))
		h.WriteString(v.str)
	case KindList:
		list := v.List()
		maphash.WriteComparable(h, len(list))
		for i := range list {
			hashValue(h, &list[i])
		}
	case KindObject:
		hashFields(h, v.Object())
	}
}
