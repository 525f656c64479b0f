package embedders

import (
	"context"
	"runtime"
)

// receivedKey is the key of what is to be called when an answer is there.
type receivedKey struct{}

// WhenReceived returns a context for one call of a client, which calls received
// as [Received] says.
func WhenReceived(ctx context.Context, received func()) context.Context {
	return context.WithValue(ctx, receivedKey{}, received)
}

// Received is called by a client once the answer to the call of ctx is there to
// its last byte, and is a success, after which nothing more is sent for this
// call: the server has done its part, and the next request may go out while
// vectors are made of the answer. A client that never calls it holds its place
// until it returns.
func Received(ctx context.Context) {
	received, ok := ctx.Value(receivedKey{}).(func())
	if !ok {
		return
	}
	received()
	// Whoever was let through by that sends first: making vectors of an answer
	// keeps a processor for as long as a request needs to get to the server.
	runtime.Gosched()
}
