package pipeline

import (
	"context"
	"errors"
	"testing"
)

// pairs makes a vector of each input but the last, which it refuses.
type pairs struct{}

func (pairs) Embed(_ context.Context, inputs []string) (Vectors, error) {
	last := len(inputs) - 1
	data := make([]float32, 0, 2*last)
	for range last {
		data = append(data, 1, 2)
	}
	refused := &Error{Class: Rejected, Err: errors.New("unwanted")}
	return Vectors{Dim: 2, Data: data}, &PartialError{Failed: map[int]error{last: refused}}
}

func TestAnImageIsHeldUntilNoChunkOfItsDocumentCanBeRefused(t *testing.T) {
	t.Parallel()
	var rejected []Rejection
	r := run{Pipeline: Pipeline{Counters: new(Counters)}}
	r.ledger = ledger{counters: r.Counters, reject: func(one Rejection) error {
		rejected = append(rejected, one)
		return nil
	}}
	lane := &Lane{
		Vector: "image", Embedder: pairs{}, Space: Space{Dim: 2},
		Image: func(_ context.Context, image Image, origin Origin) (string, error) {
			if image.Data == "corrupt" {
				return "", Reject(origin, errors.New("corrupt"))
			}
			return image.Data, nil
		},
	}
	var docs []*tracked
	var chunks []Chunk
	for _, data := range []string{"alone", "with a text", "corrupt", "unwanted"} {
		doc := &tracked{Document: Document{ID: data, Image: Image{Data: data}}, room: newRoom(roomBytes)}
		doc.unmade.Store(1)
		docs, chunks = append(docs, doc), append(chunks, Chunk{Doc: &doc.Document, tracked: doc, Count: 1, Image: true})
	}
	docs[1].unmade.Store(2)

	r.Lanes = []Lane{*lane}
	done, err := r.embedBatch(t.Context(), &r.Lanes[0], Batch{Chunks: chunks})
	if err != nil || len(done.points) != 2 || len(rejected) != 2 {
		t.Fatalf("%d points, %d rejects and %v, want 2 and 2", len(done.points), len(rejected), err)
	}
	for i, doc := range docs {
		if held := !doc.Image.IsZero(); held != (i == 1) {
			t.Errorf("the image of %q is held: %t", doc.ID, held)
		}
	}
	for _, one := range rejected {
		if one.Document.Image.Data != one.Document.ID {
			t.Errorf("the reject of %q has the image %q", one.Document.ID, one.Document.Image.Data)
		}
	}
}
