package main

import (
	"context"
	"fmt"
	"os"

	"github.com/vecload/vecload/sources"
	"github.com/vecload/vecload/sources/jsonl"
	"github.com/vecload/vecload/sources/parquet"
)

// reading reads a corpus of 100-word documents to its end.
func reading(format string) func(context.Context, bench, int) (stageRun, error) {
	return func(ctx context.Context, b bench, documents int) (stageRun, error) {
		name, err := corpus{Documents: documents, Words: 100, Format: format}.ensure(b.folder)
		if err != nil {
			return stageRun{}, err
		}
		info, err := os.Stat(name)
		if err != nil {
			return stageRun{}, err
		}
		input := sources.Input{Files: []string{name}, Formats: []sources.Format{jsonl.Format(), parquet.Format()}}
		source, err := sources.NewCorpus(input, sources.Mapping{ID: "id", Text: "text", Payload: []string{"title", "year"}})
		if err != nil {
			return stageRun{}, err
		}
		run, err := timed(func() error {
			read := 0
			for _, err := range source.Documents(ctx) {
				if err != nil {
					return err
				}
				read++
			}
			if read != documents {
				return fmt.Errorf("%d of %d documents were read", read, documents)
			}
			return nil
		})
		run.Bytes = info.Size()
		return run, err
	}
}
