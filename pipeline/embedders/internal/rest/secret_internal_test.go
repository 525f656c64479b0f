package rest

import (
	"errors"
	"net/http"
	"testing"
)

func TestClearTextWithATokenStaysOnThisMachineWhateverANameResolvesTo(t *testing.T) {
	t.Parallel()
	client := httpClient(nil, 1, true)
	// As a resolver might answer for localhost: an address of documentation,
	// which nobody has.
	for _, address := range []string{"http://192.0.2.1:9/", "http://[2001:db8::1]:9/"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		if !errors.Is(err, errNotHere) {
			t.Errorf("%s: %v, want that it is not dialled", address, err)
		}
	}
}
