package main

import (
	"context"
	"fmt"
	"iter"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/qdrant"
)

// reservedFields tells of payload fields that are named in a configuration and
// that the index keeps for itself.
func reservedFields(config configs.Config) []configs.Problem {
	if config.Index.Qdrant == nil {
		return nil
	}
	var problems []configs.Problem
	for i, field := range config.Source.Payload {
		if !qdrant.Reserved(field) {
			continue
		}
		at := "source.payload"
		if len(config.Source.Payload) > 1 {
			at = fmt.Sprintf("%s[%d]", at, i)
		}
		problems = append(problems, configs.Problem{
			Path: at, Text: fmt.Sprintf("%q is a name that vecload keeps for itself in Qdrant, as all that begin with %s", field, qdrant.ReservedField),
		})
	}
	return problems
}

// unreserved rejects the documents of a corpus whose payload no point in Qdrant
// can have.
type unreserved struct{ corpus }

// Documents implements [pipeline.Source].
func (u unreserved) Documents(ctx context.Context) iter.Seq2[pipeline.Document, error] {
	return func(yield func(pipeline.Document, error) bool) {
		for doc, err := range u.corpus.Documents(ctx) {
			if err == nil {
				err = refusePayload(doc)
			}
			if !yield(doc, err) {
				return
			}
		}
	}
}

func refusePayload(doc pipeline.Document) error {
	err := qdrant.CheckPayload(doc.Payload)
	if err == nil {
		return nil
	}
	return &pipeline.Error{Op: doc.Origin.String(), Class: pipeline.Rejected, Hint: pipeline.Hint(err), Err: err}
}
