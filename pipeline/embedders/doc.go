// Package embedders holds what is put around an embedder, whatever its wire
// protocol: each wrapper is an embedder and holds one. From the outside in
// they stand
//
//	Shape ( Fallback ( Split ( retry.Embedder ( Check ( Load ( Asked ( client )))))  one for each endpoint ))
//
// so that a server says what it serves before it gets a text, every try waits
// for its turn, a half that is embedded is not paid for twice when the other
// half is tried again, an endpoint is left only after all that was tried with
// it, and what Shape does to texts and vectors is seen by no other.
package embedders
