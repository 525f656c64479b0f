package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// profiler is a file of package main that is added to vecload when it is
// built for a profile, so that the program itself needs no switch for it.
const profiler = `package main

import (
	"os"
	"runtime"
	"runtime/pprof"
	"time"
)

func init() {
	out, err := os.Create(%q)
	if err != nil {
		panic(err)
	}
	if err := pprof.StartCPUProfile(out); err != nil {
		panic(err)
	}
	time.AfterFunc(%d, func() {
		pprof.StopCPUProfile()
		out.Close()
		heap, err := os.Create(%q)
		if err != nil {
			panic(err)
		}
		runtime.GC() // the profile is that of the last collection
		pprof.Lookup("heap").WriteTo(heap, 0)
		heap.Close()
	})
}
`

// runProfile measures one case with a vecload that profiles itself.
func runProfile(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var c choice
	flags := c.flags("bench profile")
	flags.StringVar(&c.only, "case", "json-qdrant", "profile this `CASE`")
	flags.IntVar(&c.docs, "docs", 500_000, "`N` documents; the run has to last longer than the profile")
	seconds := flags.Duration("for", 5*time.Second, "profile the first `DURATION`")
	out := flags.String("out", ".", "write cpu.prof, heap.prof and the program into `DIR`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	cases, err := c.chosen()
	if err != nil {
		return err
	}
	folder, err := filepath.Abs(*out)
	if err != nil {
		return err
	}
	program, heap := filepath.Join(folder, "vecload-profiled"), filepath.Join(folder, "heap.prof")
	if err := removeOld(heap); err != nil {
		return err
	}
	source := fmt.Sprintf(profiler, filepath.Join(folder, "cpu.prof"), *seconds, heap)
	if err := buildWith(ctx, source, program); err != nil {
		return err
	}
	b, m, err := newBench(ctx, program, c.folder, stderr)
	if err != nil {
		return err
	}
	one := result{Program: vecload, Scenario: cases[0]}
	run, err := b.run(ctx, cases[0], vecload)
	if err != nil {
		return err
	}
	if _, err := os.Stat(heap); err != nil {
		return fmt.Errorf("the run ended before its profile did, after %.1f seconds; give it more documents: -docs", run.Seconds)
	}
	one.Runs = append(one.Runs, run)
	one.summarise()
	if err := (results{Machine: m, Cases: []result{one}}).table(stdout); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "\ngo tool pprof -top %s %s\n", program, filepath.Join(folder, "cpu.prof"))
	return err
}

func removeOld(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// buildWith builds vecload, in whose source tree the command was called, with
// one more file in its package main.
func buildWith(ctx context.Context, source, program string) (err error) {
	folder, err := os.MkdirTemp("", "vecload-profile-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	file, overlay := filepath.Join(folder, "profiler.go"), filepath.Join(folder, "overlay.json")
	place, err := filepath.Abs("cmd/vecload/zz_profiler.go")
	if err != nil {
		return err
	}
	listing, err := json.Marshal(map[string]map[string]string{"Replace": {place: file}})
	if err != nil {
		return err
	}
	if err := errors.Join(os.WriteFile(file, []byte(source), 0o600), os.WriteFile(overlay, listing, 0o600)); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-overlay", overlay, "-o", program, "./cmd/vecload") //nolint:gosec // our own build
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build vecload in the folder of its source: %w\n%s", err, said)
	}
	return nil
}
