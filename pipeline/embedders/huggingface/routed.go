package huggingface

import (
	"net/http"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

// BillTo is the header that names the organisation that pays for a routed
// request.
const BillTo = "X-HF-Bill-To"

// Routed knows the answers of the router that stands before a provider. The
// function it returns is for a client of the provider's protocol: ok is false
// for answers that the provider itself may have sent.
func Routed(provider, model string) func(a *rest.Answer, proven bool) (class pipeline.Class, hint string, ok bool) {
	return func(a *rest.Answer, proven bool) (pipeline.Class, string, bool) {
		d := a.Detail()
		switch a.Status {
		case http.StatusBadRequest:
			if !d.Matches("not supported by provider", "not supported by any provider") {
				return 0, "", false
			}
		case http.StatusNotFound:
			if a.Media() == "text/plain" {
				return pipeline.NotServed, "the router has no such route: " + provider + " left it, or its route is another one; `vecload resolve " + model + "` says who serves the model", true
			}
			return pipeline.NotServed, notServed(provider, model), true
		case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusGone:
		default:
			return 0, "", false
		}
		class, hint := classOf(a.Status, d, a.Media(), provider, model, proven)
		return class, hint, true
	}
}
