package vectors

import (
	"math"
	"math/bits"
)

// maxPower bounds the powers of ten in the tables: 17 digits of a value down
// to 1e-28.
const maxPower = 44

//nolint:gochecknoglobals // A table; nothing writes to it.
var negativePowers = [maxPower + 1]float64{
	1e-0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7,
	1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15,
	1e-16, 1e-17, 1e-18, 1e-19, 1e-20, 1e-21, 1e-22, 1e-23,
	1e-24, 1e-25, 1e-26, 1e-27, 1e-28, 1e-29, 1e-30, 1e-31,
	1e-32, 1e-33, 1e-34, 1e-35, 1e-36, 1e-37, 1e-38, 1e-39,
	1e-40, 1e-41, 1e-42, 1e-43, 1e-44,
}

//nolint:gochecknoglobals // A table; nothing writes to it.
var positivePowers = [maxPower + 1]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
	1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
	1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23,
	1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31,
	1e32, 1e33, 1e34, 1e35, 1e36, 1e37, 1e38, 1e39,
	1e40, 1e41, 1e42, 1e43, 1e44,
}

//nolint:gochecknoglobals // A table; nothing writes to it.
var wholePowers = [8]uint64{1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000}

// wholeLimits has, for each of wholePowers, the largest number that can be
// multiplied by it and have as many digits added within 63 bits.
//
//nolint:gochecknoglobals // A table; nothing writes to it.
var wholeLimits = [8]uint64{
	math.MaxInt64, math.MaxInt64/10 - 1, math.MaxInt64/100 - 1, math.MaxInt64/1_000 - 1, math.MaxInt64/10_000 - 1,
	math.MaxInt64/100_000 - 1, math.MaxInt64/1_000_000 - 1, math.MaxInt64/10_000_000 - 1,
}

// trailingZeroBytes returns the place of the lowest byte of x that is not 0.
func trailingZeroBytes(x uint64) int { return bits.TrailingZeros64(x) / 8 }
