package greet

// Waves is about windows.
func Waves() {}
