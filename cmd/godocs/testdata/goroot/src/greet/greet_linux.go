package greet

// Linux is where this is.
func Linux() {}
