package greet

func ExampleNewGreeter() {}

// FromTest is in a test.
func FromTest() {}
