package vectors_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/internal/vectors"
)

func same(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

func checkNumber(t *testing.T, text string) {
	t.Helper()
	want, _ := strconv.ParseFloat(text, 32)
	for _, padding := range []string{"", ",", ", 1.5,       ", "]          "} {
		got, next, ok := vectors.Number([]byte(text+padding), 0)
		if !ok || next != len(text) || !same(got, float32(want)) {
			t.Errorf("number(%q) = %v (%#x), %d, %v, want %v (%#x)", text+padding, got, math.Float32bits(got), next, ok,
				float32(want), math.Float32bits(float32(want)))
		}
	}
	checkCommon(t, text, float32(want))
}

// enough is more than the reader of common numbers looks at.
const enough = "                                "

// checkCommon reads a number as one of many.
func checkCommon(t *testing.T, text string, want float32) {
	t.Helper()
	for _, after := range []string{",", ", "} {
		got, next, ok := vectors.Common([]byte(text + after + "x" + enough))
		if ok && (next != len(text)+len(after) || !same(got, want)) || !ok && next != 0 {
			t.Errorf("common(%q) = %v (%#x), %d, %v, want %v (%#x)", text+after, got, math.Float32bits(got), next, ok,
				want, math.Float32bits(want))
		}
	}
}

func TestNumbersOfVectorsAreCommon(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 10_000 {
		f := float32(r.NormFloat64()*0.05) + 0.2
		for _, bits := range []int{32, 64} {
			text := strconv.FormatFloat(float64(f), 'f', -1, bits)
			if got, _, ok := vectors.Common([]byte(text + "," + enough)); len(text) > 3 && (!ok || !same(got, f)) {
				t.Errorf("common(%q) = %v, %v", text, got, ok)
			}
		}
	}
}

func TestNumbersAreRoundedAsStrconvRoundsThem(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"0", "-0", "0.0", "-0.0e5", "1", "-1", "0.1", "12345678", "123456789", "1234567890123456789", "12345678901234567890",
		"99999999999999999999999", "0.000000000000000000000000000000000000000000001", "1e-45", "1.4e-45", "7e-46", "7.1e-46",
		"1.17549435e-38", "1.1754942e-38", "1.1754943508222875e-38", "3.4028235e38", "3.40282356779733661637539395458142568447e38",
		"3.4028235677973366e38", "3.4028236e38", "1e39", "-1e39", "1e400", "1e-400", "1e999999999999999999999", "1e-99999999999999999999",
		"16777217", "16777216.999999999999", "16777217.000000000000001", "1.00000005960464477539", "1.000000059604644775390625",
		"1.0000000596046448", "0.5e1", "5E+0", "5e-0", "0.00026079164817929268", "0.14440986514091492", "8.316295623779297",
		"0.00000000000000000000000000000000000000012345678901234567", "123456789012345678901234567890e-20",
		"1.0000001788139343261718749999999999999999", "1.00000017881393432617187500000000001", "4503599627370497.5",
	} {
		checkNumber(t, text)
		checkNumber(t, text+"e0"[:2*b2i(!hasExponent(text))])
	}
}

func hasExponent(s string) bool {
	for _, c := range s {
		if c == 'e' || c == 'E' {
			return true
		}
	}
	return false
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestRandomNumbersAreRoundedAsStrconvRoundsThem(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 40_000 {
		f := math.Float32frombits(r.Uint32())
		if f != f || math.IsInf(float64(f), 0) {
			continue
		}
		next := math.Nextafter32(f, float32(math.Inf(1)))
		middle := (float64(f) + float64(next)) / 2
		if math.IsInf(middle, 0) {
			continue
		}
		for _, text := range []string{
			strconv.FormatFloat(float64(f), 'g', -1, 32),
			strconv.FormatFloat(float64(f), 'g', -1, 64),
			strconv.FormatFloat(middle, 'g', -1, 64),
			strconv.FormatFloat(middle, 'e', 20, 64),
			strconv.FormatFloat(math.Nextafter(middle, 0), 'g', 17, 64),
			strconv.FormatFloat(float64(r.Float32()*2-1), 'f', -1, 64),
			fmt.Sprintf("%d.%de%d", r.IntN(1000), r.Uint64N(1e18), r.IntN(100)-60),
			strconv.FormatFloat(middle, 'f', r.IntN(24), 64),
			fmt.Sprintf("%d.%0*d", r.IntN(12), r.IntN(20), r.Uint64()),
			fmt.Sprintf("-0.%0*d%d", r.IntN(16), 0, r.Uint32()),
		} {
			checkNumber(t, text)
		}
	}
}

func TestWhatIsNoJSONNumberIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "-", "+1", ".5", "-.5", "1.", "1.e5", "1e", "1e+", "01", "-01", "00", "00.5", "NaN", "Infinity", "-Infinity", "null", "e5", " 1", "0x1", "a.5", "/.25", ":.5", "-a.125"} {
		got, next, ok := vectors.Number([]byte(text), 0)
		if ok && next == len(text) {
			t.Errorf("number(%q) = %v, want it refused", text, got)
		}
		if got, _, ok := vectors.Common([]byte(text + "," + enough)); ok {
			t.Errorf("common(%q) = %v, want it refused", text, got)
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"0", "-0.14440986514091492", "1e-45", "3.4028236e38", "16777217", "01", "1.", ".5", "+1", "1e400", "123456789012345678901234567890"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, next, ok := vectors.Number([]byte(text), 0)
		isNumber := json.Valid([]byte(text)) && len(text) > 0 && (text[0] == '-' || text[0]-'0' < 10) && text[len(text)-1] > ' '
		if isNumber != (ok && next == len(text)) {
			t.Fatalf("number(%q) = %v up to byte %d, but JSON says %v", text, ok, next, isNumber)
		}
		if _, next, ok := vectors.Common([]byte(text + "," + enough)); ok && next > len(text) && !isNumber {
			t.Fatalf("common(%q) reads it up to byte %d, but it is no number", text, next)
		}
		if !isNumber {
			return
		}
		want, _ := strconv.ParseFloat(text, 32)
		checkCommon(t, text, float32(want))
		if !same(got, float32(want)) {
			t.Fatalf("number(%q) = %v, want %v", text, got, float32(want))
		}
	})
}
