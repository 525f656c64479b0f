package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/pipeline/embedders/builtin"
	"github.com/vecload/vecload/pipeline/embedders/huggingface"
	"github.com/vecload/vecload/pipeline/embedders/openai"
	"github.com/vecload/vecload/pipeline/embedders/tei"
)

// The sizes of the standard cases.
const stageBatch, stageInFlight, stageDim = 32, 8, 384

// embedding has the client of a protocol, without the policies around it,
// embed texts in batches, several at once.
func embedding(protocol string) func(context.Context, bench, int) (stageRun, error) {
	return func(ctx context.Context, b bench, documents int) (run stageRun, err error) {
		batches, err := textBatches(b, documents)
		if err != nil {
			return run, err
		}
		var server *helper
		if protocol != "builtin" {
			if server, err = b.startEndpoint(ctx, scenario{Dim: stageDim}); err != nil {
				return run, err
			}
			defer func() {
				told, stopped := server.stop()
				if err = errors.Join(err, stopped); err == nil && told.Texts < int64(documents) {
					err = fmt.Errorf("the endpoint embedded %d texts of %d", told.Texts, documents)
				}
			}()
		}
		embedder, err := clientOf(protocol, server)
		if err != nil {
			return run, err
		}
		return timed(func() error { return embedAll(ctx, embedder, batches, documents) })
	}
}

func clientOf(protocol string, server *helper) (pipeline.Embedder, error) {
	switch protocol {
	case "builtin":
		return builtin.New()
	case "tei":
		return tei.New(tei.Options{URL: server.url, InFlight: stageInFlight})
	case "openai":
		return openai.New(openai.Options{URL: server.url + "/v1", Model: model, InFlight: stageInFlight})
	}
	return huggingface.New(huggingface.Options{URL: server.url, Model: model, InFlight: stageInFlight})
}

// textBatches returns texts of the first documents, which are embedded again
// and again, so that what the texts take is small.
func textBatches(b bench, documents int) ([][]string, error) {
	file, err := corpus{Documents: documents, Words: 100, Format: "jsonl"}.ensure(b.folder)
	if err != nil {
		return nil, err
	}
	read, err := firstDocuments(file, min(documents, manyJobs*stageBatch))
	if err != nil {
		return nil, err
	}
	var out [][]string
	for i, d := range read {
		if i%stageBatch == 0 {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], d.Text)
	}
	return out, nil
}

func embedAll(ctx context.Context, embedder pipeline.Embedder, batches [][]string, documents int) error {
	group, ctx := errgroup.WithContext(ctx)
	var begun atomic.Int64
	for range stageInFlight {
		group.Go(func() error {
			for {
				end := int(begun.Add(stageBatch))
				size := min(stageBatch, documents-(end-stageBatch))
				if size <= 0 {
					return nil
				}
				texts := batches[(end/stageBatch-1)%len(batches)]
				texts = texts[:min(size, len(texts))]
				vectors, err := embedder.Embed(ctx, texts)
				if err != nil {
					return err
				}
				if vectors.Len() != len(texts) {
					return fmt.Errorf("%d vectors for %d texts", vectors.Len(), len(texts))
				}
			}
		})
	}
	return group.Wait()
}
