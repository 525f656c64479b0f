package retry

import "context"

type onceKey struct{}

// Once marks the context of a call that is made one time, by whoever repeats
// it in a way of its own: [Do] returns its first error as it is.
func Once(ctx context.Context) context.Context { return context.WithValue(ctx, onceKey{}, true) }

// IsOnce reports whether a call is made one time, see [Once].
func IsOnce(ctx context.Context) bool { return ctx.Value(onceKey{}) != nil }
