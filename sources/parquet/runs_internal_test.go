package parquet

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// pack writes numbers of some bits each, the lowest bit first or the highest.
func pack(numbers []uint32, width int, high bool) []byte {
	out := make([]byte, (len(numbers)*width+7)/8)
	for i, n := range numbers {
		for bit := range width {
			at := i*width + bit
			if high {
				out[at/8] |= byte(n >> (width - 1 - bit) & 1 << (7 - at%8))
			} else {
				out[at/8] |= byte(n >> bit & 1 << (at % 8))
			}
		}
	}
	return out
}

// TestRunsGiveTheNumbersThatWereWritten writes runs of both kinds of any
// lengths, the last without its padding.
func TestRunsGiveTheNumbersThatWereWritten(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // nothing is secured by it
	for range 2000 {
		width := 1 + random.IntN(32)
		number := func() uint32 { return uint32(random.Uint64() & (1<<width - 1)) }
		var data []byte
		var want []uint32
		for range random.IntN(6) {
			if random.IntN(2) == 0 {
				n, count := number(), 1+random.IntN(40)
				data = binary.AppendUvarint(data, uint64(count)<<1)
				data = append(data, binary.LittleEndian.AppendUint32(nil, n)[:(width+7)/8]...)
				want = append(want, slices.Repeat([]uint32{n}, count)...)
				continue
			}
			numbers := make([]uint32, 8*(1+random.IntN(5)))
			for i := range numbers {
				numbers[i] = number()
			}
			data = binary.AppendUvarint(data, uint64(len(numbers)/8)<<1|1)
			data = append(data, pack(numbers, width, false)...)
			want = append(want, numbers...)
		}
		one := number()
		data = append(append(data, 1<<1|1), pack([]uint32{one}, width, false)...)
		want = append(want, one)

		r := runs{data: data, width: uint64(width)}
		count := r
		for i, n := range want {
			if got := r.next(); got != n {
				t.Fatalf("number %d of %d bits is %d, want %d of %d", i, width, got, n, want)
			}
		}
		same := 0
		for _, n := range want {
			if n == want[0] {
				same++
			}
		}
		if got := count.count(want[0], int64(len(want))); got != int64(same) {
			t.Fatalf("counted %d of %d bits, want %d", got, width, same)
		}
	}
}

func TestLevelsOfTheOldEncodingBeginWithTheHighestBit(t *testing.T) {
	t.Parallel()
	for width := 1; width <= 8; width++ {
		level := int16(1<<width - 1)
		want := []uint32{0, 1, uint32(level), uint32(level) / 2, 0, uint32(level), 1, 1, 0, 1, 0}
		data := append(pack(want, width, true), "rest"...)
		got, rest, ok := section(data, level, int64(len(want)), 4)
		if !ok || string(rest) != "rest" {
			t.Fatalf("%d bits: got %q behind the levels (%t)", width, rest, ok)
		}
		for i, n := range want {
			if level := got.next(); level != n {
				t.Errorf("level %d of %d bits is %d, want %d", i, width, level, n)
			}
		}
		if _, _, ok := section(data[:1], level, 11, 4); ok {
			t.Errorf("%d bits: a page with fewer levels than entries is read", width)
		}
	}
}

func TestRunsThatAreCutOffEndInZeros(t *testing.T) {
	t.Parallel()
	for _, data := range [][]byte{nil, {0}, {1}, {0x80}, {3}, {2}, {1<<1 | 1, 0xff}} {
		r := runs{data: data, width: 20}
		var last uint32
		for range 30 {
			last = r.next()
		}
		if last != 0 {
			t.Errorf("%x: got %d behind the last number", data, last)
		}
	}
}
