package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"sync"

	"github.com/vecload/vecload/pipeline"
)

// heldMarks tell which points of a document an index held when the document
// was rejected: a retry replaces these, and none that came later.
func heldMarks(held []pipeline.Held) []pipeline.Value {
	marks := make([]pipeline.Value, len(held))
	for i, h := range held {
		marks[i] = pipeline.String(heldMark(h))
	}
	return marks
}

// heldMark identifies a point with what it was made from.
func heldMark(h pipeline.Held) string {
	b := append([]byte(h.Vector), 0)
	b = binary.AppendUvarint(b, uint64(h.Chunk))
	b = append(b, h.Made.Input[:]...)
	b = append(b, h.Made.Rest[:]...)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// heldBy is what the index held of rejected documents, by their ids. It is
// used by several goroutines at once.
type heldBy struct {
	mutex sync.Mutex
	marks map[string][]string
}

func (h *heldBy) set(id string, marks []string) {
	if len(marks) == 0 {
		return
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.marks == nil {
		h.marks = map[string][]string{}
	}
	h.marks[id] = marks
}

// mayReplace reports whether the index held all of that when the document was
// rejected.
func (h *heldBy) mayReplace(doc *pipeline.Document, held []pipeline.Held) bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	marks := h.marks[doc.ID]
	return !slices.ContainsFunc(held, func(one pipeline.Held) bool { return !slices.Contains(marks, heldMark(one)) })
}
