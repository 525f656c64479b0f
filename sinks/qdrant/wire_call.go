package qdrant

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

// invoke makes a call whose request is in its wire format. The request is the
// caller's before and after, so that it can be made again. The answer is a
// [proto.Message], or *[]byte for its bytes, whose memory is used if it is
// large enough.
func (x *Index) invoke(ctx context.Context, method string, request mem.Buffer, answer any) error {
	return x.client.GetConnection().Invoke(ctx, method, request, answer, grpc.ForceCodecV2(wireCodec{}))
}

// wireCodec hands requests through as they are. Everything else of the
// connection, keys and limits included, stays as it is for the library's own
// calls.
type wireCodec struct{}

// Name is that of the format, which the server has to know.
func (wireCodec) Name() string { return "proto" }

// Marshal lends gRPC the request: it may still be sending it when the call is
// over, and gives it back after that.
func (wireCodec) Marshal(v any) (mem.BufferSlice, error) {
	request, ok := v.(mem.Buffer)
	if !ok {
		return nil, fmt.Errorf("a request is %T, want a buffer", v)
	}
	request.Ref()
	return mem.BufferSlice{request}, nil
}

func (wireCodec) Unmarshal(data mem.BufferSlice, v any) error {
	switch answer := v.(type) {
	case *[]byte:
		length := data.Len()
		*answer = slices.Grow((*answer)[:0], length)[:length]
		data.CopyTo(*answer)
		return nil
	case proto.Message:
		return proto.Unmarshal(data.Materialize(), answer)
	}
	return fmt.Errorf("an answer is wanted as %T", v)
}

// buffers is the memory of requests, which is used again. It is a
// [mem.BufferPool] that does not clear what it gives out. The zero value is
// ready.
type buffers struct{ pool sync.Pool }

// maxKept is the largest that is kept. A larger one is the request of a point
// beyond all measure.
const maxKept = 2 * defaultMaxBytes

// Get implements [mem.BufferPool].
func (p *buffers) Get(length int) *[]byte {
	b, ok := p.pool.Get().(*[]byte)
	if !ok {
		b = new([]byte)
	}
	if cap(*b) < length {
		*b = make([]byte, length)
	}
	*b = (*b)[:length]
	return b
}

// Put implements [mem.BufferPool].
func (p *buffers) Put(b *[]byte) {
	if cap(*b) <= maxKept {
		p.pool.Put(b)
	}
}
