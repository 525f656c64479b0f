package vectors

// Number reads one number for the tests of its rounding.
func Number(b []byte, i int) (f float32, next int, ok bool) { return number(b, i) }

// Common reads the first of several numbers for the tests of its rounding; ok
// is false where it leaves it to Number.
func Common(b []byte) (f float32, next int, ok bool) {
	dst, next := common(nil, b, 0)
	if len(dst) == 0 {
		return 0, next, false
	}
	return dst[0], next, true
}
