package embedders

import "time"

// The numbers of a window. A run meets some thousand requests: it may lose a
// second to find the limit of its server, and one request a minute to see
// whether the limit has changed.
const (
	// startRequests is what a run begins with: a server that is sick or asleep
	// meets two requests.
	startRequests = 2
	// wellRequests is what a server gets that has answered one: it is awake, and
	// most servers take as many. The window doubles with each round trip from
	// there.
	wellRequests = 8
	// probeFirst and probeMost bound the time between two attempts to have
	// more in flight than was refused before; it doubles each time that the
	// attempt is refused again.
	probeFirst = time.Second
	probeMost  = time.Minute
)

// window says how much may be in flight. It knows no clock and no lock.
//
// The way is that of TCP: it doubles from a small number, halves when the
// server refuses for load (additive increase and multiplicative decrease,
// which lets several clients share a server), and then remembers, as CUBIC
// does, what was taken and what was refused: it is back at the former within a
// few round trips and looks for more between the two, by halves, and beyond
// them ever more rarely. Latency is no signal: that of an embedding depends on
// the length of the texts more than on the load.
//
// It counts requests, and texts where the server does.
type window struct {
	ceiling int  // requests
	texts   bool // whether texts are counted
	batch   int  // texts in the largest call
	well    bool // whether a call was ever taken

	bound float64 // texts in flight, as the server says; 0 when it does not

	size float64 // what may be in flight
	good float64 // what was taken, since something was refused; 0 before
	bad  float64 // the least that was refused, unless more was taken since

	every   time.Duration
	probeAt time.Time
	cutAt   time.Time // when it was halved last
}

// call is one call as the window saw it start.
type call struct {
	n       int     // texts
	cost    float64 // in the unit of the window
	use     float64 // in flight with it when it started
	most    float64 // in flight with it when it started or ended
	full    bool    // whether there was no room for another one of its kind when it started or ended
	started time.Time
}

func newWindow(ceiling int, texts bool) window {
	ceiling = max(ceiling, 1)
	return window{ceiling: ceiling, texts: texts, size: float64(min(startRequests, ceiling)), every: probeFirst}
}

// learn goes over to texts, of which a server says that it refuses what is
// above a number. The number is that of all its clients, so that it is no
// more than a bound.
func (w *window) learn(texts int) {
	if !w.texts && w.good == 0 && w.bad == 0 {
		w.size *= float64(max(w.batch, 1))
		w.texts = true
	}
	w.bound = float64(texts)
}

// lower lowers the ceiling: what a server would only let wait is as well kept
// here, where no time-out runs.
func (w *window) lower(requests int) {
	w.ceiling = min(w.ceiling, requests)
	w.size = min(w.size, w.most())
}

// cost is that of a call of n texts.
func (w *window) cost(n int) float64 {
	if w.texts {
		return float64(n)
	}
	return 1
}

func (w *window) most() float64 {
	most := float64(w.ceiling) * w.cost(max(w.batch, 1))
	if w.texts && w.bound > 0 {
		most = min(most, w.bound)
	}
	return most
}

// meet takes note of a call that wants to start.
func (w *window) meet(n int) {
	if n <= w.batch {
		return
	}
	w.batch = n
	if w.texts && w.bad == 0 && w.good == 0 {
		w.size = max(w.size, w.start())
	}
}

// start is what is tried while nothing but the ceiling is known.
func (w *window) start() float64 {
	requests := startRequests
	if w.well {
		requests = wellRequests
	}
	return min(float64(requests)*w.cost(max(w.batch, 1)), w.most())
}

// widest is the number of texts that one call may have, when nothing else is
// in flight; 0 where there is no bound.
func (w *window) widest() int {
	switch {
	case !w.texts:
		return 0
	case w.good == 0 && w.bad == 0:
		return int(w.bound)
	}
	return max(int(max(w.size, w.good)), 1)
}

// taken is told of a call that the server worked on.
func (w *window) taken(c call, now time.Time) {
	if !w.well && w.good == 0 && w.bad == 0 {
		w.well = true
		w.size = max(w.size, w.start())
	}
	if !c.full {
		return
	}
	switch {
	case w.good == 0 && w.bad == 0:
		w.size = min(w.size+c.cost, w.most())
		return
	case w.size < w.good:
		w.size = min(w.size+c.cost, w.good)
		return
	case w.size > w.good && c.use >= 0.9*w.size:
		w.good, w.every = w.size, probeFirst
		if w.size >= w.bad {
			w.bad = 0
		}
		if w.searching() {
			w.probeAt = now
		}
	}
	if !now.Before(w.probeAt) {
		w.size = min(w.next(), w.most())
		w.probeAt = now.Add(w.every)
	}
}

// searching tells whether there is a number worth knowing between what is
// taken and what is refused: one request, or a ninth of the texts.
func (w *window) searching() bool { return w.bad > w.good+max(1, w.grain()*w.bad/9) }

func (w *window) grain() float64 {
	if w.texts {
		return 1
	}
	return 0
}

// next is what to try next: the middle between what is taken and refused, or
// a little more than what was refused, or the double.
func (w *window) next() float64 {
	switch {
	case w.bad == 0:
		return 2 * w.good
	case w.searching():
		return float64(int((w.good + w.bad) / 2))
	}
	return w.good + max(1, float64(int(w.grain()*w.good/4)))
}

// refused is told of a call that the server refused for load, and how long
// nothing will start. Calls that started before the window was halved belong
// to the same refusal.
func (w *window) refused(c call, now time.Time, wait time.Duration) {
	if !c.started.After(w.cutAt) {
		return
	}
	w.cutAt = now
	if c.most <= w.good {
		w.good = 0
	}
	if w.bad == 0 || w.good == 0 || c.most < w.bad {
		w.bad = c.most
	}
	if w.good == 0 {
		w.good = max(1, c.most-c.cost, float64(int(c.most/2)))
	}
	w.size = max(1, float64(int(min(w.size, c.most)/2)))
	if w.searching() {
		w.every = probeFirst
	} else {
		w.every = min(2*w.every, probeMost)
	}
	w.probeAt = now.Add(wait + w.every)
}

// failed is told of a call that came to nothing: the window is halved, and
// grows again as at the start.
func (w *window) failed(c call, now time.Time) {
	if c.started.After(w.cutAt) {
		w.cutAt = now
		w.size = max(1, float64(int(w.size/2)))
	}
}

// restart begins again from a small number, with what is known.
func (w *window) restart() {
	w.size = min(w.size, startRequests*w.cost(max(w.batch, 1)))
}

// countTexts goes over to texts, since n of them were refused while nothing
// else was in flight.
func (w *window) countTexts(n int) {
	w.texts = true
	w.batch = max(w.batch, n)
	w.bad, w.good = float64(n), float64(max(n/2, 1))
	w.size = w.good
}
