package qdrant

import (
	"slices"

	"google.golang.org/grpc/mem"
)

// gathered puts the parts 0 to n-1 of a change into as few requests as hold
// most parts and MaxBytes at most, and sends each once it is full. A part that
// is larger than MaxBytes goes alone. Each request begins with head; add
// appends part i, and send is told which parts are in it. The request is no
// more send's when that returns.
func (x *Index) gathered(
	n, most int, head []byte,
	add func(b []byte, i int) []byte, send func(request mem.Buffer, first, end int) error,
) error {
	deliver := func(b *[]byte, first, end int) error {
		request := mem.NewBuffer(b, &x.buffers)
		defer request.Free()
		return send(request, first, end)
	}
	b, first := x.headed(head), 0
	for i := range n {
		before := len(*b)
		*b = add(*b, i)
		part := len(*b) - before
		if i == first {
			// The others will be of about its size.
			*b = slices.Grow(*b, min(part*(min(n-i, most)-1), max(0, x.options.MaxBytes-part)))
			continue
		}
		if i-first < most && len(*b) <= x.options.MaxBytes {
			continue
		}
		next := x.headed(head)
		*next = append(*next, (*b)[before:]...)
		*b = (*b)[:before]
		if err := deliver(b, first, i); err != nil {
			return err
		}
		b, first = next, i
	}
	return deliver(b, first, n)
}

// headed returns the memory of a request that has its first fields.
func (x *Index) headed(head []byte) *[]byte {
	b := x.buffers.Get(0)
	*b = append(*b, head...)
	return b
}
