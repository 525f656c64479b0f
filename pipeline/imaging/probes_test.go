package imaging_test

import (
	"crypto/sha256"
	"encoding/hex"
	"image/png"
	"strings"
	"testing"

	"github.com/vecload/vecload/pipeline/imaging"
)

// The sums are of the pixels, since another release of image/png may compress
// them otherwise. They never change: an index remembers what was made of them.
func TestProbesNeverChange(t *testing.T) {
	t.Parallel()
	want := []string{"26bcf22f5de6d630", "f7e4cba70cf42a09", "3956cbf97dd89438"}
	probes := imaging.Probes()
	if len(probes) != len(want) {
		t.Fatalf("%d images, %d are known", len(probes), len(want))
	}
	for i, file := range probes {
		picture, err := png.Decode(strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		for y := range picture.Bounds().Dy() {
			for x := range picture.Bounds().Dx() {
				r, g, b, a := picture.At(x, y).RGBA()
				sum.Write([]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8), byte(a >> 8)})
			}
		}
		if got := hex.EncodeToString(sum.Sum(nil)[:8]); got != want[i] {
			t.Errorf("image %d has the pixels %s, want %s", i, got, want[i])
		}
	}
}
