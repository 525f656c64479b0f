package configs_test

import (
	"testing"

	"github.com/vecload/vecload/configs"
)

func TestDefaultIsValid(t *testing.T) {
	t.Parallel()
	c := configs.Default()
	if err := c.Validate(); err != nil {
		t.Errorf("Validate() = %v, want nil", err)
	}
}
