package configs_test

import (
	"testing"

	"github.com/vecload/vecload/configs"
)

func TestMaxRejectsIsANumberOrAShare(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, back string
		documents  int64
		share      float64 // negative: none
	}{
		{"0", "0", 0, -1},
		{"100", "100", 100, -1},
		{" 7 ", "7", 7, -1},
		{"5%", "5%", 0, 0.05},
		{"0.5 %", "0.5%", 0, 0.005},
		{"0%", "0%", 0, 0},
		{"100%", "100%", 0, 1},
	} {
		var m configs.MaxRejects
		err := m.UnmarshalText([]byte(tt.text))
		share := -1.0
		if m.Share != nil {
			share = float64(*m.Share)
		}
		if err != nil || m.Documents != tt.documents || share != tt.share || m.String() != tt.back {
			t.Errorf("UnmarshalText(%q) = %d, %v (%s), %v; want %d, %v (%s)", tt.text, m.Documents, share, m, err, tt.documents, tt.share, tt.back)
		}
	}
	for _, text := range []string{"", "-1", "0.05", "1e3", "101%", "-5%", "%", "5%5", "many", "9223372036854775808", "NaN%"} {
		var m configs.MaxRejects
		if err := m.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("UnmarshalText(%q) = %v, want an error", text, m)
		}
	}
}

func TestWithoutMaxRejectsOnlyABuildIsBounded(t *testing.T) {
	t.Parallel()
	if m := configs.Default().MaxRejects; m != nil {
		t.Errorf("the default is %v, want none", m)
	}
	if got, want := configs.BuildRejects().String(), "20%"; got != want {
		t.Errorf("a build may reject %s, want %s", got, want)
	}
	c := parsed(t, "max_rejects: 100\n", configs.Env{})
	if c.MaxRejects == nil || c.MaxRejects.Documents != 100 || c.MaxRejects.Share != nil {
		t.Errorf("max_rejects: 100 is read as %v", c.MaxRejects)
	}
}
