package main

import (
	"errors"
	"fmt"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/pipeline"
)

// maxRejects is how much the run may reject; nil where there is no limit.
func (a assembly) maxRejects() *pipeline.RejectLimit {
	limit := a.config.MaxRejects
	switch {
	case limit == nil && !a.building:
		return nil
	case limit == nil:
		build := configs.BuildRejects()
		limit = &build
	}
	out := &pipeline.RejectLimit{Documents: limit.Documents}
	if limit.Share != nil {
		share := float64(*limit.Share)
		out.Share = &share
	}
	if a.rejected {
		out.Exempt = former // whoever retries them knows of these
	}
	return out
}

// tooManyRejects tells of a run that was stopped for its rejects what most of
// them were.
func tooManyRejects(err error, seen *reasons) error {
	many, ok := errors.AsType[*pipeline.TooManyRejectsError](err)
	if !ok {
		return err
	}
	text := fmt.Sprintf("%s of %s were rejected, more than the %s that max_rejects allows; stopped",
		thousands(many.Rejected), plural(many.Read, "document"), allowed(many.Limit))
	hint := "see the rejects, mend what is wrong, and run the same command again"
	if top, _, _ := seen.most(1); len(top) > 0 {
		text += "; most often: " + top[0].Reason
		if top[0].Hint != "" {
			hint = top[0].Hint
		}
	}
	return &pipeline.Error{Class: pipeline.Fatal, Hint: hint + "; or allow more with --max-rejects", Err: errors.New(text)}
}

// allowed writes a limit as it is configured.
func allowed(limit pipeline.RejectLimit) string {
	if limit.Share != nil {
		return configs.Share(*limit.Share).String()
	}
	return thousands(limit.Documents)
}
