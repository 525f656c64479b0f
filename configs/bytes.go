package configs

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Bytes is a size in bytes, written as an integer or with a unit: 1MB,
// 512KiB.
type Bytes int64

// The units of sizes: powers of 1000, and of 1024 with an i.
const (
	KB  Bytes = 1000
	MB  Bytes = 1000 * KB
	GB  Bytes = 1000 * MB
	KiB Bytes = 1024
	MiB Bytes = 1024 * KiB
	GiB Bytes = 1024 * MiB
)

// String writes the size in the largest unit that divides it.
func (b Bytes) String() string {
	for _, u := range units() {
		if b != 0 && b%u.size == 0 {
			return strconv.FormatInt(int64(b/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// MarshalText writes the size as [Bytes.String] does.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads a size: digits, and a unit or none.
func (b *Bytes) UnmarshalText(text []byte) error {
	const form = "must be a size such as 1MB, 512KiB or a number of bytes"
	digits := strings.TrimRight(string(text), "BKMGikb ")
	name := strings.TrimSpace(string(text[len(digits):]))
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 {
		return errors.New(form + ", is " + quote(string(text)))
	}
	size := Bytes(1)
	if name != "" && name != "B" {
		size = 0
		for _, u := range units() {
			if u.name == name {
				size = u.size
			}
		}
	}
	if size == 0 || n > math.MaxInt64/int64(size) {
		return errors.New(form + ", is " + quote(string(text)))
	}
	*b = Bytes(n) * size
	return nil
}

type unit struct {
	name string
	size Bytes
}

func units() []unit {
	return []unit{{"GiB", GiB}, {"GB", GB}, {"MiB", MiB}, {"MB", MB}, {"KiB", KiB}, {"KB", KB}}
}
