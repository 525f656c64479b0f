package main

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// program is what a measurement runs on a scenario.
type program string

// The programs. The halves of the bare client tell what each server allows by
// itself.
const (
	vecload      program = "vecload"
	plainProgram program = "plain"
	bareWhole    program = "bare"
	bareRequests program = "bare requests"
	bareUpserts  program = "bare upserts"
)

// programs lists those that are compared on the scenario.
func (s scenario) programs() []program {
	out := []program{vecload}
	if s.plain {
		out = append(out, plainProgram)
	}
	if s.bare {
		out = append(out, bareWhole)
	}
	if s.bare && s.Latency == 0 {
		out = append(out, bareRequests, bareUpserts)
	}
	return out
}

func (p program) isBare() bool { return p == bareWhole || p == bareRequests || p == bareUpserts }

// args are those of a program that is no vecload, but this very one.
func (p program) args(s scenario, file string, to servers) []string {
	sizes := []string{
		"-protocol", s.Protocol, "-endpoint", to.endpoint.url, "-qdrant", to.qdrant.url,
		"-dim", strconv.Itoa(s.Dim), "-batch", strconv.Itoa(s.Batch), "-in-flight", strconv.Itoa(s.InFlight),
	}
	if p == plainProgram {
		return append(append([]string{"plain"}, sizes...), file)
	}
	return append(append([]string{"bare", "-kind", string(p), "-docs", strconv.Itoa(s.Corpus.Documents)}, sizes...), file)
}

// bareOnly leaves of a measurement what the bare client did by its own clock,
// which starts when its requests are made.
func (m *measurement) bareOnly(out []byte) error {
	var report bareReport
	if err := json.Unmarshal(out, &report); err != nil {
		return fmt.Errorf("the bare client's report cannot be read: %w", err)
	}
	m.Seconds, m.User = report.Seconds, m.User-report.Prepared
	return nil
}
