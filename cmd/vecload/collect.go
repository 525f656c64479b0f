package main

import "runtime/debug"

// sqliteGrowth is by how many percent memory may grow before the collector
// comes while SQLite is written, whose own 22 MB of pages stand beside what Go
// holds. Go's 100 take 20 MB more; the collector is a small part of the cost
// of a transaction, so that coming more often costs little there.
const sqliteGrowth = 50

// collect has the collector come as often as the index asks for, unless the
// environment says how often it shall.
func (a assembly) collect() {
	if percent, ok := a.growth(); ok {
		debug.SetGCPercent(percent)
	}
}

// growth returns the percents, and whether they are to be set.
func (a assembly) growth() (int, bool) {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		if value, _ := a.process.lookupEnv(name); value != "" {
			return 0, false
		}
	}
	return sqliteGrowth, a.config.Index.Qdrant == nil
}
