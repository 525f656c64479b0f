package qdrant

import (
	"fmt"
	"strings"

	"github.com/vecload/vecload/pipeline"
)

// maxNesting is how deep a value of a payload may be nested. Qdrant takes one
// of any depth, and cannot read a point again whose payload is deeper than 127
// in all (1.18): every question that touches it fails from then on. With a few
// levels less it cannot read its own log again, and a server that was killed
// does not start any more. 100 levels were seen to survive both.
const maxNesting = 100

// Reserved reports whether a payload field is vecload's own.
func Reserved(name string) bool { return strings.HasPrefix(name, ReservedField) }

// CheckPayload returns an error of class Rejected for a payload that no point
// in Qdrant can have. A document that has one is to be rejected: [Index.Write]
// refuses all points beside it.
func CheckPayload(payload []pipeline.Field) error {
	for i := range payload {
		switch field := &payload[i]; {
		case Reserved(field.Name):
			return &pipeline.Error{
				Class: pipeline.Rejected, Hint: "leave the field out of source.payload, or rename it in the corpus",
				Err: fmt.Errorf("the payload has a field %.80q, and in Qdrant vecload keeps names that begin with %s for itself",
					field.Name, ReservedField),
			}
		case deeper(field.Value, maxNesting):
			return &pipeline.Error{
				Class: pipeline.Rejected, Hint: "leave the field out of source.payload, or make it flatter",
				Err: fmt.Errorf("the payload's field %.80q is nested more than %d levels deep, and Qdrant cannot read such a point again",
					field.Name, maxNesting),
			}
		}
	}
	return nil
}

// deeper reports whether a value is nested more than n levels deep.
func deeper(v pipeline.Value, n int) bool {
	switch v.Kind() {
	case pipeline.KindList, pipeline.KindObject:
	case pipeline.KindNull, pipeline.KindBool, pipeline.KindInt, pipeline.KindFloat, pipeline.KindString:
		return false
	}
	if n == 0 {
		return true
	}
	for _, element := range v.List() {
		if deeper(element, n-1) {
			return true
		}
	}
	for _, field := range v.Object() {
		if deeper(field.Value, n-1) {
			return true
		}
	}
	return false
}
