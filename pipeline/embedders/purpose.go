package embedders

import "context"

type queryKey struct{}

// ForQuery returns a context whose calls embed queries. Most protocols do not
// tell queries from documents, and their clients do not look.
func ForQuery(ctx context.Context) context.Context { return context.WithValue(ctx, queryKey{}, true) }

// ForDocuments returns a context whose calls embed documents, as those of any
// context do that did not go through ForQuery. Probes are documents.
func ForDocuments(ctx context.Context) context.Context {
	if !IsQuery(ctx) {
		return ctx
	}
	return context.WithValue(ctx, queryKey{}, false)
}

// IsQuery reports whether the calls of a context embed queries.
func IsQuery(ctx context.Context) bool {
	query, _ := ctx.Value(queryKey{}).(bool)
	return query
}
