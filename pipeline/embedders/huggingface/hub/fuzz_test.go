package hub_test

import (
	"encoding/json"
	"testing"

	"github.com/vecload/vecload/pipeline/embedders/huggingface/hub"
)

func FuzzModelIsReadLeniently(f *testing.F) {
	for _, seed := range []string{
		`{"id":"a/b","inferenceProviderMapping":{"p":{"status":"live","providerId":"x","task":"t"}},"gated":"auto"}`,
		`{"id":"a/b","inferenceProviderMapping":[{"provider":"p"},null,7],"gated":false,"tags":["x",1]}`,
		`{"id":7,"inferenceProviderMapping":{"p":[{}]},"tags":{},"private":"x"}`,
		`[]`,
		`null`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m hub.Model
		err := json.Unmarshal(data, &m)
		if err != nil && json.Valid(data) && data[0] == '{' {
			t.Errorf("an object is refused: %v", err)
		}
		for _, p := range m.Providers {
			if p.Name == "" {
				t.Errorf("a provider without a name: %+v", m.Providers)
			}
		}
	})
}
