package pipeline

import (
	"context"
	"sync"
)

// roomBytes bounds what the documents under way take, beside the last one
// that was let in: those that were read, and are neither written nor rejected
// yet. It is far more than short documents fill, of which the limits of
// batches count.
const roomBytes = 32 << 20

// heavyBytes is how much the documents of a batch take, at most beside the last
// one, when it is sent although it could hold more chunks. Batches that wait
// to be full would otherwise hold all the room, and wait for ever.
const heavyBytes = roomBytes / 16

// room is what documents under way may take.
type room struct {
	mutex sync.Mutex
	freed sync.Cond
	left  int // below 0 while a document takes more than there was
}

func newRoom(bytes int) *room {
	r := &room{left: bytes}
	r.freed.L = &r.mutex
	return r
}

// take waits until there is some room, and takes as much as is needed.
func (r *room) take(ctx context.Context, bytes int) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.left <= 0 {
		defer context.AfterFunc(ctx, func() {
			r.mutex.Lock()
			defer r.mutex.Unlock()
			r.freed.Broadcast()
		})()
		for r.left <= 0 && ctx.Err() == nil {
			r.freed.Wait()
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	r.left -= bytes
	return nil
}

// give gives back what was taken.
func (r *room) give(bytes int) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.left += bytes; r.left > 0 {
		r.freed.Broadcast()
	}
}

// documentBytes and chunkBytes are about what the program itself needs for a
// document and for each of its chunks.
const documentBytes, chunkBytes = 300, 300

// bytes is about what a document takes in memory, but for its image.
func (d *Document) bytes(chunks int) int {
	return documentBytes + chunks*chunkBytes + len(d.ID) + len(d.Text) + fieldsBytes(d.Payload)
}

func fieldsBytes(fields []Field) int {
	const each = 64
	n := len(fields) * each
	for i := range fields {
		n += len(fields[i].Name) + valueBytes(&fields[i].Value)
	}
	return n
}

func valueBytes(v *Value) int {
	const each = 64
	n := len(v.str)
	list := v.List()
	for i := range list {
		n += each + valueBytes(&list[i])
	}
	return n + fieldsBytes(v.Object())
}
