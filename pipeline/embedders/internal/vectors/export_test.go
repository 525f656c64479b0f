package vectors

// Number reads one number for the tests of its rounding.
func Number(b []byte, i int) (f float32, next int, ok bool) { return number(b, i) }
