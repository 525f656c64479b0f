package pipeline

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// SameCosine is the cosine from which on two vectors of one input are taken to
// come from the same model. Servers compute in different precisions, which
// costs less than 0.0005; other weights make other vectors altogether.
const SameCosine = 0.999

// EncodeProbe writes a vector for [Space].Probe: base64 of its numbers as
// float32, little endian.
func EncodeProbe(v Vector) string {
	raw := make([]byte, 0, 4*len(v))
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func decodeProbe(text string) (Vector, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	if len(raw)%4 != 0 {
		return nil, errors.New("it ends within a number")
	}
	v := make(Vector, len(raw)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return v, nil
}

// probeDifference says in words that two probes are vectors of different
// models; nothing where one of them was not taken.
func probeDifference(a, b string) []string {
	if a == "" || b == "" || a == b {
		return nil
	}
	one, err := decodeProbe(a)
	other, otherErr := decodeProbe(b)
	if err := errors.Join(err, otherErr); err != nil {
		return []string{fmt.Sprintf("the vector of the fixed input cannot be read: %v", err)}
	}
	if cosine := one.Cosine(other); !(cosine >= SameCosine) {
		return []string{fmt.Sprintf("the same input has another vector now (cosine %.3f), so that other weights are served under the same name", cosine)}
	}
	return nil
}
