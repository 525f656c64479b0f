package builtin

import (
	"crypto/sha256"
	_ "embed" // the weights are part of the program
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
)

// The table file, integers little-endian:
//
//	offset  size         content
//	0       8            "vlstatic"
//	8       4            version of this format, 1
//	12      4            rows, one for each token of the vocabulary
//	16      4            dims
//	20      4            quantisation: 1 = a byte b is the value b − 128,
//	                     all rows and dims in one scale
//	24      32           SHA-256 of the teacher's weights (model.safetensors)
//	56      32           SHA-256 of the vocabulary file
//	88      32           SHA-256 of the values
//	120     rows × dims  values, row after row
//
// The scale itself is not in the file: vectors have length 1, so it cancels.
const (
	tableMagic   = "vlstatic"
	tableVersion = 1
	tableHeader  = 120
	quantByte    = 1
	valueBias    = 128
)

//go:embed table.bin
var tableBytes []byte

// table is the parsed file. It shares memory with it.
type table struct {
	rows     int
	values   []byte // rows × Dim
	revision string
}

func parseTable(data []byte) (*table, error) {
	if len(data) < tableHeader || string(data[:8]) != tableMagic {
		return nil, errors.New("builtin: the table has no header")
	}
	field := func(at int) int { return int(binary.LittleEndian.Uint32(data[at:])) }
	version, rows, dims, quant := field(8), field(12), field(16), field(20)
	if version != tableVersion || dims != Dim || quant != quantByte {
		return nil, fmt.Errorf("builtin: table version %d, dims %d, quantisation %d: want %d, %d, %d",
			version, dims, quant, tableVersion, Dim, quantByte)
	}
	if rows > 1<<16 || len(data) != tableHeader+rows*Dim {
		return nil, fmt.Errorf("builtin: table of %d bytes does not hold %d rows", len(data), rows)
	}
	// The header has the hashes of vocabulary and values, so its own hash
	// stands for all of it and costs no time at the start.
	stamp := sha256.Sum256(data[:tableHeader])
	return &table{rows: rows, values: data[tableHeader:], revision: hex.EncodeToString(stamp[:6])}, nil
}

// row returns the biased values of a token's row.
func (t *table) row(id uint16) *[Dim]byte {
	return (*[Dim]byte)(t.values[int(id)*Dim:])
}
