package configs_test

import (
	"testing"

	"github.com/vecload/vecload/configs"
)

func TestDefaultIsValid(t *testing.T) {
	t.Parallel()
	if err := configs.Default().Validate(); err != nil {
		t.Errorf("Validate() = %v, want nil", err)
	}
}
