package main

import (
	"testing"

	"github.com/vecload/vecload/configs"
)

func TestTheCollectorComesOftenForSQLiteUnlessTheEnvironmentSaysHowOften(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		qdrant bool
		name   string
		set    bool
	}{
		{false, "", true},
		{true, "", false},
		{false, "GOGC", false},
		{false, "GOMEMLIMIT", false},
		{true, "GOGC", false},
	} {
		a := assembly{process: process{lookupEnv: func(name string) (string, bool) {
			if name == tt.name {
				return "200", true
			}
			return "", false
		}}}
		if tt.qdrant {
			a.config.Index.Qdrant = &configs.Qdrant{}
		}
		percent, set := a.growth()
		if set != tt.set || set && percent >= 100 {
			t.Errorf("%+v: %d %% and %t", tt, percent, set)
		}
	}
}
