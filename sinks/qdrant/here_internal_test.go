package qdrant

import (
	"strings"
	"testing"
)

func TestTheKeyInClearTextIsForThisMachineWhateverItsNameResolvesTo(t *testing.T) {
	t.Parallel()
	// As a resolver might answer for localhost: addresses of documentation.
	for _, address := range []string{"192.0.2.1:6334", "[2001:db8::1]:6334"} {
		conn, err := dialHere(t.Context(), address)
		if err == nil {
			_ = conn.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "not this machine") {
			t.Errorf("%s: %v, want that it is not dialled", address, err)
		}
	}
}
