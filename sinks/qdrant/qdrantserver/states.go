package qdrantserver

import (
	"slices"

	pb "github.com/qdrant/go-client/qdrant"
)

// State is what the description of a collection says of its optimizer.
type State struct {
	Status   pb.CollectionStatus // zero means green
	Error    string              // of the optimizer
	Queued   uint64              // updates in the queue
	Deferred uint64              // points that are not visible yet
}

// Show makes the descriptions to come of a collection, or of the one behind an
// alias, say one state after the other; the last one stays. A grey one stays
// until somebody updates the configuration of the optimizer, as at the real
// server. Without states a collection is green.
func (s *Server) Show(name string, states ...State) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(name)
	if err != nil {
		return err
	}
	c.states = slices.Clone(states)
	return nil
}

// state returns what a description says now.
func (c *collection) state() State {
	if len(c.states) == 0 {
		return State{Status: pb.CollectionStatus_Green}
	}
	now := c.states[0]
	if now.Status == pb.CollectionStatus_UnknownCollectionStatus {
		now.Status = pb.CollectionStatus_Green
	}
	if len(c.states) > 1 && now.Status != pb.CollectionStatus_Grey {
		c.states = c.states[1:]
	}
	return now
}

// wake ends a grey state.
func (c *collection) wake() {
	if len(c.states) > 0 && c.states[0].Status == pb.CollectionStatus_Grey {
		c.states = c.states[1:]
	}
}
