package vectors

import (
	"maps"

	"github.com/vecload/vecload/pipeline"
)

// At names the request in an error of this package, and in each reason of a
// [*pipeline.PartialError]. It returns nil for nil.
func At(op string, err error) error {
	switch e := err.(type) { //nolint:errorlint // The errors are those of this package, not wrapped.
	case *pipeline.Error:
		named := *e
		named.Op = op
		return &named
	case *pipeline.PartialError:
		failed := maps.Clone(e.Failed)
		for i, reason := range failed {
			failed[i] = At(op, reason)
		}
		return &pipeline.PartialError{Failed: failed}
	}
	return err
}
