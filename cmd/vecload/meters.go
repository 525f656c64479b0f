package main

import (
	"sync"

	"github.com/vecload/vecload/pipeline"
)

// meters hold the counters of a run: one set for its documents, and one for
// the requests and points of each of its vectors. It may be used by several goroutines at
// once.
type meters struct {
	mutex     sync.Mutex
	documents *pipeline.Counters
	lanes     map[string]*pipeline.Counters
}

func newMeters() *meters {
	return &meters{documents: new(pipeline.Counters), lanes: map[string]*pipeline.Counters{}}
}

// lane returns the counters of the vector's requests and points.
func (m *meters) lane(vector string) *pipeline.Counters {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.lanes[vector] == nil {
		m.lanes[vector] = new(pipeline.Counters)
	}
	return m.lanes[vector]
}

// snapshot adds up all that is counted. What one request may carry is told
// where there is one vector only.
func (m *meters) snapshot() pipeline.Report {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	report := m.documents.Snapshot()
	for _, counters := range m.lanes {
		requests := counters.Snapshot()
		report.Requests += requests.Requests
		report.Retries += requests.Retries
		report.Limit += requests.Limit
		if len(m.lanes) == 1 {
			report.BatchTexts = requests.BatchTexts
		}
	}
	return report
}

// restart begins a run anew: its documents count from zero.
func (m *meters) restart() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.documents = new(pipeline.Counters)
}

// inFlight is the number of calls that wait for their answer.
func (m *meters) inFlight() int64 {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	var n int64
	for _, counters := range m.lanes {
		n += counters.InFlight.Load()
	}
	return n
}
