package parquet

import (
	"errors"
	"fmt"

	"github.com/vecload/vecload/sources"
)

// checkMagic looks at both ends of a file (README.md of the Parquet format,
// section "File format"; Encryption.md, section 5.1).
func checkMagic(f *sources.File) error {
	const least = 12 // two times the magic and the length of the footer
	if f.Size() < 0 {
		return f.Unsuited(errors.New("standard input cannot be Parquet, which is not read front to back"), "write it to a file")
	}
	var head, tail [4]byte
	if f.Size() < least {
		return f.Unsuited(errors.New("the file is too small to be Parquet"), "give the file the extension of what it holds")
	}
	if _, err := f.ReadAt(head[:], 0); err != nil {
		return f.Corrupt("", errors.New("the start of the file cannot be read"))
	}
	if _, err := f.ReadAt(tail[:], f.Size()-4); err != nil {
		return f.Corrupt("", errors.New("the end of the file cannot be read"))
	}
	switch {
	case string(head[:]) == "PARE" || string(tail[:]) == "PARE":
		return errEncrypted(f)
	case string(head[:]) != "PAR1":
		return f.Unsuited(errors.New("the file is not Parquet"), "give the file the extension of what it holds")
	case string(tail[:]) != "PAR1":
		return f.Corrupt("footer", errors.New("the file has no footer: it was cut off"))
	}
	return nil
}

func errEncrypted(f *sources.File) error {
	return f.Unsuited(errors.New("the file is encrypted"), "write it without encryption")
}

// maxDecoder bounds what a decoder of values asks for at once, in bytes: as
// much as the lengths of all values of a page, see [maxDelta].
const maxDecoder = 128 << 20

type decoderError struct{ size int }

// Error implements error.
func (e decoderError) Error() string {
	return fmt.Sprintf("values that would take %d MiB are more than %d MiB", e.size>>20, maxDecoder>>20)
}

// allocator is what the library takes memory from: it leaves memory to the
// garbage collector, and refuses sizes that only a damaged file asks for.
type allocator struct{}

// Allocate implements memory.Allocator. Its panic ends in guard.
func (allocator) Allocate(size int) []byte {
	if size > maxDecoder {
		panic(decoderError{size})
	}
	return make([]byte, size)
}

// Reallocate implements memory.Allocator.
func (a allocator) Reallocate(size int, b []byte) []byte {
	if size <= cap(b) {
		return b[:size]
	}
	grown := a.Allocate(size)
	copy(grown, b)
	return grown
}

// Free implements memory.Allocator.
func (allocator) Free([]byte) {}
