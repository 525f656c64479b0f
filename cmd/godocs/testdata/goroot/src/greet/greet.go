// Package greet says hello.
//
// See [Greeter.Greet] and [io.Writer].
package greet

import "io"

// Greeting is how somebody is greeted.
type Greeting int

// The greetings, in order of warmth.
const (
	Nod   Greeting = iota // without a word
	Hello                 // the usual one
	hug                   // not for everybody
)

const Undocumented = 1

// ErrShy is returned by those who do not answer.
var ErrShy = io.EOF

// A Greeter greets; the zero Greeter nods.
type Greeter struct {
	// Loud is for crowds.
	Loud bool `json:"loud"` // or the deaf
	Name string

	count int
}

// NewGreeter returns a greeter
// of the name.
func NewGreeter(
	name string, // "//" is no comment
	loud bool,
) *Greeter {
	return &Greeter{Name: name, Loud: loud}
}

// Greet writes a greeting to w, and returns [ErrShy] when nobody answers:
//
//	g.Greet(os.Stdout)
func (g *Greeter) Greet(w io.Writer) (n int, err error) { return 0, ErrShy }

func (g *Greeter) String() string { return g.Name }

func (g *Greeter) secret() {}

// Speaker can speak.
type Speaker interface {
	// Speak says a word.
	Speak(word string) error
	io.Closer
}

// Pair is two of a kind.
type Pair[T any] struct{ A, B T }

// Swap returns the pair the other way round.
func (p Pair[T]) Swap() Pair[T] { return Pair[T]{p.B, p.A} }

// Map applies f to all in s.
func Map[S ~[]E, E, R any](s S, f func(E) R) []R { return nil }

func unexported() {}
