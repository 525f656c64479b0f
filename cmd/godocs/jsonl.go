package main

import (
	"bufio"
	"encoding/json"
	"io"
)

// writeJSONL writes a document a line.
func writeJSONL(to io.Writer, documents []document) error {
	buffered := bufio.NewWriter(to)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for _, d := range documents {
		if err := encoder.Encode(d); err != nil {
			return err
		}
	}
	return buffered.Flush()
}
