package pipeline

import "hash/maphash"

// seen remembers which documents a run has met, by hashes of id and content.
// It costs 12 bytes a slot at a load of at most 4/5, some 20 bytes a
// document. Two ids of one hash (chance 10⁻⁸ in a million documents) are
// taken for a duplicate, which is a reject and therefore not silent.
type seen struct {
	seed    maphash.Seed
	ids     []uint64 // 0 is an empty slot
	content []uint32 // 0 where the document was only met
	count   int
}

func newSeen() *seen {
	const slots = 1 << 10
	return &seen{seed: maphash.MakeSeed(), ids: make([]uint64, slots), content: make([]uint32, slots)}
}

// encounter is what seen knows of a document.
type encounter uint8

const (
	first     encounter = iota // no document of this id came before
	same                       // it came before with the same content
	different                  // its id came before with other content
)

// add meets a document. It is not safe for concurrent use.
func (s *seen) add(d *Document) encounter {
	id := s.hash(d.ID)
	content := max(s.contentHash(d), 1)
	slot := s.find(id)
	if s.ids[slot] == id && s.content[slot] == 0 {
		s.content[slot] = content
		return first
	}
	if s.ids[slot] == id {
		if s.content[slot] == content {
			return same
		}
		return different
	}
	s.put(slot, id, content)
	return first
}

// meet notes that the corpus has a record of this id, and nothing of its
// content: a later one is still the first.
func (s *seen) meet(doc string) {
	id := s.hash(doc)
	if slot := s.find(id); s.ids[slot] != id {
		s.put(slot, id, 0)
	}
}

// has reports whether a document of this id was added or met.
func (s *seen) has(doc string) bool {
	id := s.hash(doc)
	return s.ids[s.find(id)] == id
}

// hash is never 0, which is an empty slot.
func (s *seen) hash(doc string) uint64 { return max(maphash.String(s.seed, doc), 1) }

func (s *seen) put(slot int, id uint64, content uint32) {
	s.ids[slot], s.content[slot] = id, content
	if s.count++; s.count*5 > len(s.ids)*4 {
		s.grow()
	}
}

func (s *seen) find(id uint64) int {
	mask := len(s.ids) - 1
	slot := int(id) & mask
	for s.ids[slot] != 0 && s.ids[slot] != id {
		slot = (slot + 1) & mask
	}
	return slot
}

func (s *seen) grow() {
	ids, content := s.ids, s.content
	s.ids, s.content = make([]uint64, 2*len(ids)), make([]uint32, 2*len(ids))
	for i, id := range ids {
		if id != 0 {
			slot := s.find(id)
			s.ids[slot], s.content[slot] = id, content[i]
		}
	}
}

func (s *seen) contentHash(d *Document) uint32 {
	var h maphash.Hash
	h.SetSeed(s.seed)
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
		maphash.WriteComparable(h, len(v.list))
		for i := range v.list {
			hashValue(h, &v.list[i])
		}
	case KindObject:
		hashFields(h, v.obj)
	}
}
