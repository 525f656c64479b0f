package configs_test

import (
	"testing"

	"github.com/vecload/vecload/configs"
)

func TestSharesAreWrittenInPercent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]configs.Share{"0%": 0, "20%": 0.2, "12.5 %": 0.125, "100%": 1} {
		var got configs.Share
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "%", "20", "0.2", "-1%", "101%", "NaN%", "Inf%", "a%", "20%%"} {
		share := configs.Share(0.5)
		if err := share.UnmarshalText([]byte(text)); err == nil || share != 0.5 {
			t.Errorf("%q was taken for %v", text, share)
		}
	}
	if got := configs.Share(0.2).String(); got != "20%" {
		t.Errorf("a fifth is written %s", got)
	}
}
