package verdict_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline/embedders"
	"github.com/vecload/vecload/pipeline/embedders/stubserver"
)

// A place in flight is given back at the last byte of a success. That of a
// refusal is kept until it is known what the refusal asks for.
func TestEveryKindTellsWhenItsAnswerIsThere(t *testing.T) {
	t.Parallel()
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			stub := stubserver.New(stubserver.Options{})
			refusing := false
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if refusing {
					_, _ = io.Copy(io.Discard, r.Body)
					answering(http.StatusTooManyRequests, `{"error":"slower"}`)(w, r)
					return
				}
				stub.ServeHTTP(w, r)
			}))
			t.Cleanup(server.Close)
			client, err := k.open(server.URL, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			received := 0
			ctx := embedders.WhenReceived(t.Context(), func() { received++ })
			if _, err := client.Embed(ctx, []string{"first"}); err != nil || received != 1 {
				t.Errorf("a success is told %d times, and err is %v; want once", received, err)
			}
			refusing = true
			if _, err := client.Embed(ctx, []string{"second"}); err == nil || received != 1 {
				t.Errorf("a refusal (%v) is told as received", err)
			}
		})
	}
}
