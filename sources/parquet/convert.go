package parquet

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/float16"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/vecload/vecload/pipeline"
)

func int32Converter(n *schema.PrimitiveNode) func(int32) (pipeline.Value, error) {
	switch t := n.LogicalType().(type) {
	case schema.DateLogicalType:
		return func(v int32) (pipeline.Value, error) { return pipeline.String(date(int64(v))), nil }
	case *schema.TimeLogicalType:
		return func(v int32) (pipeline.Value, error) { return clock(int64(v), t) }
	case *schema.DecimalLogicalType:
		return func(v int32) (pipeline.Value, error) {
			return pipeline.String(decimal(strconv.Itoa(int(v)), int(t.Scale()))), nil
		}
	case *schema.IntLogicalType:
		if !t.IsSigned() {
			mask := uint32(math.MaxUint32)
			if t.BitWidth() < 32 {
				mask = 1<<t.BitWidth() - 1
			}
			return func(v int32) (pipeline.Value, error) { return pipeline.Int(int64(uint32(v) & mask)), nil }
		}
	}
	return func(v int32) (pipeline.Value, error) { return pipeline.Int(int64(v)), nil }
}

func int64Converter(n *schema.PrimitiveNode) func(int64) (pipeline.Value, error) {
	switch t := n.LogicalType().(type) {
	case *schema.TimestampLogicalType:
		return func(v int64) (pipeline.Value, error) { return pipeline.String(timestamp(v, t)), nil }
	case *schema.TimeLogicalType:
		return func(v int64) (pipeline.Value, error) { return clock(v, t) }
	case *schema.DecimalLogicalType:
		return func(v int64) (pipeline.Value, error) {
			return pipeline.String(decimal(strconv.FormatInt(v, 10), int(t.Scale()))), nil
		}
	case *schema.IntLogicalType:
		if !t.IsSigned() {
			return func(v int64) (pipeline.Value, error) {
				if v < 0 {
					return pipeline.String(strconv.FormatUint(uint64(v), 10)), nil
				}
				return pipeline.Int(v), nil
			}
		}
	}
	return func(v int64) (pipeline.Value, error) { return pipeline.Int(v), nil }
}

var errNotUTF8 = errors.New("a string is not valid UTF-8")

// isText reports whether bytes are strings as they are.
func isText(n *schema.PrimitiveNode) bool {
	switch n.LogicalType().(type) {
	case schema.StringLogicalType, schema.EnumLogicalType, schema.JSONLogicalType:
		return true
	}
	return false
}

// bytesConverter converts the values of both physical types of bytes that are
// no strings.
func bytesConverter(n *schema.PrimitiveNode) func([]byte) (pipeline.Value, error) {
	switch t := n.LogicalType().(type) {
	case *schema.DecimalLogicalType:
		return func(b []byte) (pipeline.Value, error) {
			return pipeline.String(decimal(unscaled(b).String(), int(t.Scale()))), nil
		}
	case schema.UUIDLogicalType:
		return sized(16, func(b []byte) pipeline.Value { return pipeline.String(uuid(b)) })
	case schema.Float16LogicalType:
		return sized(2, func(b []byte) pipeline.Value {
			return pipeline.Float(float64(float16.FromLEBytes(b).Float32()))
		})
	case schema.IntervalLogicalType:
		return sized(12, func(b []byte) pipeline.Value { return pipeline.String(interval(b)) })
	}
	return func(b []byte) (pipeline.Value, error) {
		return pipeline.String(base64.StdEncoding.EncodeToString(b)), nil
	}
}

// isBytes reports whether a column holds bytes that are nothing else.
func isBytes(n *schema.PrimitiveNode) bool {
	if t := n.PhysicalType(); t != parquet.Types.ByteArray && t != parquet.Types.FixedLenByteArray {
		return false
	}
	switch n.LogicalType().(type) {
	case *schema.DecimalLogicalType, schema.UUIDLogicalType, schema.Float16LogicalType, schema.IntervalLogicalType:
		return false
	}
	return !isText(n)
}

// sized converts values of a type whose size is fixed.
func sized(size int, convert func([]byte) pipeline.Value) func([]byte) (pipeline.Value, error) {
	return func(b []byte) (pipeline.Value, error) {
		if len(b) != size {
			return pipeline.Value{}, damagedError("a value is not of the size of its type")
		}
		return convert(b), nil
	}
}

// unscaled reads a decimal's integer: two's complement, big-endian.
func unscaled(b []byte) *big.Int {
	i := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		i.Sub(i, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return i
}

// maxScale bounds the digits after the point of a decimal. 256 bits hold 76.
const maxScale = 1000

// decimal puts the point into the digits of an integer.
func decimal(digits string, scale int) string {
	if scale <= 0 || scale > maxScale {
		return digits
	}
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	if lack := scale + 1 - len(digits); lack > 0 {
		digits = strings.Repeat("0", lack) + digits
	}
	point := len(digits) - scale
	return sign + digits[:point] + "." + digits[point:]
}

// uuid gives 16 bytes in the canonical form (RFC 9562, section 4).
func uuid(b []byte) string {
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func int96Value(v [12]byte) (pipeline.Value, error) {
	return pipeline.String(julian(int64(binary.LittleEndian.Uint32(v[8:])), binary.LittleEndian.Uint64(v[:8]))), nil
}
