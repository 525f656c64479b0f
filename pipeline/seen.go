package pipeline

import (
	"context"
	"errors"
	"hash/maphash"
	"slices"
)

// seen remembers which documents a run has met, by hashes of id and content:
// the latest in a table, which takes 4 MiB at most, the others in the archive.
// Without an archive the table grows, by 20 to 40 bytes a document. Two ids of one
// hash (a chance of 10⁻¹³ in a hundred million documents) are taken for a
// duplicate, which is a reject and therefore not silent.
type seen struct {
	id, more maphash.Seed
	slots    []Met // a table of open addresses; an empty slot is zero
	most     int   // slots, while there is an archive
	count    int
	archive  Archive // nil: all is kept in the table
	archived bool    // the archive keeps something
}

// seenSlots is how many slots the table has at most while there is an
// archive; they are filled to four fifths.
const seenSlots = 1 << 18

func newSeen(archive Archive) *seen {
	const slots = 1 << 10
	return &seen{id: maphash.MakeSeed(), more: maphash.MakeSeed(), slots: make([]Met, slots), most: seenSlots, archive: archive}
}

// encounter is what seen knows of a document.
type encounter uint8

const (
	first     encounter = iota // no document of this id came before
	same                       // it came before with the same content
	different                  // its id came before with other content
)

// add meets a document. It is not safe for concurrent use.
func (s *seen) add(ctx context.Context, d *Document) (encounter, error) {
	met := s.hash(d.ID)
	known, found, err := s.find(ctx, met)
	if err != nil {
		return first, err
	}
	met.Content = max(s.contentHash(d), 1)
	switch {
	case !found || known.Content == 0:
		return first, s.put(ctx, met)
	case known.Content == met.Content:
		return same, nil
	}
	return different, nil
}

// meet notes that the corpus has a record of this id, and nothing of its
// content: a later one is still the first.
func (s *seen) meet(ctx context.Context, doc string) error {
	met := s.hash(doc)
	if _, found, err := s.find(ctx, met); found || err != nil {
		return err
	}
	return s.put(ctx, met)
}

// has reports whether a document of this id was added or met.
func (s *seen) has(ctx context.Context, doc string) (bool, error) {
	_, found, err := s.find(ctx, s.hash(doc))
	return found, err
}

// hash is never that of an empty slot.
func (s *seen) hash(doc string) Met {
	return Met{ID: max(maphash.String(s.id, doc), 1), More: uint32(maphash.String(s.more, doc))}
}

// find looks in the table first: what is there is newer.
func (s *seen) find(ctx context.Context, met Met) (Met, bool, error) {
	if known := s.slots[s.slot(met)]; known.ID != 0 {
		return known, true, nil
	}
	if !s.archived {
		return Met{}, false, nil
	}
	return s.archive.Find(ctx, met)
}

// put notes a document in the table, and makes room for the next.
func (s *seen) put(ctx context.Context, met Met) error {
	slot := s.slot(met)
	if s.slots[slot].ID == 0 {
		s.count++
	}
	s.slots[slot] = met
	switch {
	case s.count*5 <= len(s.slots)*4:
		return nil
	case s.archive != nil && len(s.slots) >= s.most:
		return s.clear(ctx)
	}
	s.grow(2 * len(s.slots))
	return nil
}

// slot returns the place of a document in the table, or where it would be.
// The table is almost in the order of the hashes, so that sorting it is quick.
func (s *seen) slot(met Met) int {
	mask := len(s.slots) - 1
	slot := int(met.ID>>32*uint64(len(s.slots))>>32) & mask
	for s.slots[slot].ID != 0 && (s.slots[slot].ID != met.ID || s.slots[slot].More != met.More) {
		slot = (slot + 1) & mask
	}
	return slot
}

// clear empties the table into the archive.
func (s *seen) clear(ctx context.Context) error {
	met := s.slots[:0]
	for _, m := range s.slots {
		if m.ID != 0 {
			met = append(met, m)
		}
	}
	slices.SortFunc(met, Met.Compare)
	err := s.archive.Keep(ctx, met)
	if errors.Is(err, ErrNoArchive) && !s.archived {
		s.archive = nil
		s.refill(met, 2*len(s.slots))
		return nil
	}
	clear(s.slots)
	s.count, s.archived = 0, true
	return err
}

func (s *seen) grow(slots int) { s.refill(s.slots, slots) }

// refill makes a table of so many slots of what another holds.
func (s *seen) refill(met []Met, slots int) {
	s.slots = make([]Met, slots)
	for _, m := range met {
		if m.ID != 0 {
			s.slots[s.slot(m)] = m
		}
	}
}
