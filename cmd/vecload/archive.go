package main

import (
	"os"

	"github.com/vecload/vecload/pipeline/spill"
)

// archive keeps what a run remembers of the documents that it met, once they
// are too many for its memory. It is closed after the run.
func (a assembly) archive() *spill.Archive {
	folder := os.TempDir()
	return spill.New(spill.Options{
		Folder: folder,
		Unavailable: func(err error) {
			a.show.say("The ids of the corpus stay in memory, some 30 bytes each: %s cannot be used for a temporary file (%s). Name another folder in TMPDIR.",
				folder, clip(err.Error(), 160))
		},
	})
}
