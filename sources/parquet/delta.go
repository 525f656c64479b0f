package parquet

import "encoding/binary"

var errDelta = damagedError("it does not have as many values as its levels say")

// lengths checks that the integers in delta encoding with which the values of
// a page begin are there (Encodings.md of the Parquet format, section "Delta
// Encoding"): the library's reader of columns goes round for ever where they
// are not. Strings that share their beginnings have two such lists.
func lengths(data []byte, need int64, lists int) error {
	if need == 0 {
		return nil
	}
	for range lists {
		total, rest, ok := deltas(data)
		if !ok || total < uint64(need) || total > uint64(need)+maxDelta {
			return errDelta
		}
		data = rest
	}
	return nil
}

// deltas passes over a list of integers and returns how many it has.
func deltas(data []byte) (total uint64, rest []byte, ok bool) {
	var head [4]uint64 // size of a block, miniblocks in it, values, the first
	for i := range head {
		v, n := binary.Uvarint(data)
		if n <= 0 {
			return 0, nil, false
		}
		head[i], data = v, data[n:]
	}
	size, minis, total := head[0], head[1], head[2]
	if size == 0 || minis == 0 || size > 1<<24 || minis > size || size%minis != 0 || total == 0 {
		return 0, nil, false
	}
	each := size / minis
	for left := total - 1; left > 0; {
		_, n := binary.Uvarint(data) // the least of the block
		if n <= 0 || uint64(len(data)-n) < minis {
			return 0, nil, false
		}
		widths := data[n : uint64(n)+minis]
		data = data[uint64(n)+minis:]
		for _, width := range widths {
			if left == 0 {
				break // what is said of miniblocks that are not needed means nothing
			}
			values := min(each, left)
			if width > 64 || (values*uint64(width)+7)/8 > uint64(len(data)) {
				return 0, nil, false
			}
			data = data[min((each*uint64(width)+7)/8, uint64(len(data))):]
			left -= values
		}
	}
	return total, data, true
}
