package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

const (
	terminalEvery = 200 * time.Millisecond // often enough to look alive
	plainEvery    = 10 * time.Second       // a log of an hour stays readable
)

// progress shows on standard error how a run goes: one line that is
// rewritten on a terminal, now and then a plain line elsewhere. Its methods
// may be called at any time from any goroutine.
type progress struct {
	w        *screen
	terminal bool
	quiet    bool
	meters   *meters

	mutex sync.Mutex
	start time.Time
	drawn bool   // a line stands on the terminal and is to be cleared
	note  string // what is being waited for
	until time.Time

	outageSaid time.Time // when it was last said that Qdrant is waited for; zero: it is not
	// position tells how much of the input was read, in bytes; total is
	// negative where nobody knows.
	position func() (done, total int64)
}

func newProgress(p process, meters *meters, quiet bool) *progress {
	return &progress{w: newScreen(p.stderr), terminal: isTerminal(p.stderr, p.lookupEnv), quiet: quiet, meters: meters}
}

// isTerminal reports whether w is a terminal that can rewrite a line.
func isTerminal(w io.Writer, lookupEnv func(string) (string, bool)) bool {
	file, ok := fileOf(w)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return false
	}
	kind, _ := lookupEnv("TERM")
	return kind != "dumb"
}

// run draws until ctx is done, and then clears what it drew.
func (p *progress) run(ctx context.Context, position func() (done, total int64)) {
	p.mutex.Lock()
	p.start, p.position = time.Now(), position
	p.mutex.Unlock()
	if p.quiet {
		<-ctx.Done()
		return
	}
	every := plainEvery
	if p.terminal {
		every = terminalEvery
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			p.mutex.Lock()
			p.clear()
			p.mutex.Unlock()
			return
		case now := <-ticker.C:
			p.draw(now)
		}
	}
}

// say prints a line that stays.
func (p *progress) say(format string, args ...any) {
	if !p.quiet {
		p.warn(format, args...)
	}
}

// warn is say for what nobody may miss.
func (p *progress) warn(format string, args ...any) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.clear()
	fmt.Fprintf(p.w, format+"\n", args...)
}

// waiting says for how long something is being waited for; on a terminal it
// stands in the progress line, elsewhere it is a line of its own.
func (p *progress) waiting(what string, wait time.Duration) {
	if !p.terminal {
		p.say("%s; next try in %s", what, shortDuration(wait))
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.note, p.until = what, time.Now().Add(wait)
}

func (p *progress) draw(now time.Time) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	line := p.line(now)
	if !p.terminal {
		fmt.Fprintln(p.w, line)
		return
	}
	if width := p.width(); len(line) > width-1 {
		line = line[:max(width-1, 0)]
	}
	_ = p.w.redraw(line) // like all of progress: what cannot be shown is not shown
	p.drawn = true
}

func (p *progress) line(now time.Time) string {
	report := p.meters.snapshot()
	report.Elapsed = now.Sub(p.start)
	parts := []string{plural(report.Read-report.Unfinished(), "document")}
	share := -1.0
	if p.position != nil {
		if done, total := p.position(); total > 0 && done >= 0 && report.Read > 0 {
			// Of what was read, some is still under way.
			share = min(float64(done)/float64(total), 1) * float64(report.Read-report.Unfinished()) / float64(report.Read)
			parts = append(parts, fmt.Sprintf("%d%%", int(share*100)))
		}
	}
	parts = append(parts, fmt.Sprintf("%s docs/s", thousands(int64(report.Rate()))))
	if inFlight := p.meters.inFlight(); inFlight > 0 {
		part := fmt.Sprintf("%d in flight", inFlight)
		if report.Limit > 0 {
			part += fmt.Sprintf(" (limit %d)", report.Limit)
		}
		parts = append(parts, part)
	}
	if report.Retries > 0 {
		parts = append(parts, plural(report.Retries, "retry"))
	}
	if report.Rejected > 0 {
		parts = append(parts, thousands(report.Rejected)+" rejected")
	}
	if left, ok := timeLeft(share, report.Elapsed); ok {
		parts = append(parts, shortDuration(left)+" left")
	}
	if p.note != "" && now.Before(p.until) {
		parts = append(parts, p.note)
	}
	return strings.Join(parts, " · ")
}

// timeLeft extrapolates, once enough was seen to be worth saying.
func timeLeft(share float64, elapsed time.Duration) (time.Duration, bool) {
	if share < 0.01 || elapsed < 2*time.Second {
		return 0, false
	}
	return time.Duration(float64(elapsed) * (1 - share) / share), true
}

func (p *progress) clear() {
	if p.drawn {
		_ = p.w.redraw("")
		p.drawn = false
	}
}

func (p *progress) width() int {
	if file, ok := p.w.w.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}
