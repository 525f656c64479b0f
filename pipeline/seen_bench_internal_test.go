package pipeline

import (
	"strconv"
	"testing"
)

// BenchmarkSeen measures documents that are all new, in memory.
func BenchmarkSeen(b *testing.B) {
	s, d := newSeen(nil), Document{Text: "a dozen words make a title or a question as people ask it"}
	var id []byte
	b.ReportAllocs()
	for i := range b.N {
		id = strconv.AppendInt(append(id[:0], "document-"...), int64(i), 10)
		d.ID = string(id)
		if got, err := s.add(b.Context(), &d); got != first || err != nil {
			b.Fatalf("document %d is encounter %d (%v)", i, got, err)
		}
	}
}
