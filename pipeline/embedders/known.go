package embedders

import "context"

// Known is what a server tells about the model it serves and about its
// limits. Every field is zero while nothing is known of it.
type Known struct {
	Model    string // by the server's own name
	Revision string // of the weights, such as a commit of the Hub
	Dim      int    // of its vectors

	Texts      int // texts in one request
	Tokens     int // tokens in one request
	Bytes      int // bytes in the body of one request
	TextTokens int // tokens of one text; what lies beyond is cut or refused

	InFlight      int // requests that are worked on at once; more of them wait
	InFlightTexts int // texts in flight, over all clients; more of them are refused
}

// Describer is an embedder whose server can be asked what it serves. Clients
// are Describers where their protocol has a way to ask; wrappers are not, so
// the client is asked before it is wrapped.
type Describer interface {
	// Describe asks the server, with requests that cost nothing. A server
	// that does not tell gives the zero Known and no error; one that cannot
	// be reached, or that says it serves another model than the client is
	// made for, gives an error of a class that tells so.
	Describe(ctx context.Context) (Known, error)
}

// LimitError is the refusal of a request by a server that says how much it
// would take. It is the cause within a pipeline.Error of class Oversize or
// Rejected: take it out with [errors.AsType].
type LimitError struct {
	// Limit holds the numbers that the refusal names, mostly one.
	Limit Known
	// Err is the refusal in the server's words.
	Err error
}

// Error gives the server's words.
func (e *LimitError) Error() string { return e.Err.Error() }

// Unwrap returns the refusal.
func (e *LimitError) Unwrap() error { return e.Err }
