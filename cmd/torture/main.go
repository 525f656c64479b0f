// Command torture kills vecload again and again, at moments that are drawn,
// and then runs it to its end: the index has to be that of a run that nobody
// killed, point by point and bit by bit. See docs/reliability.md.
//
//	torture -vecload ./bin/vecload -kills 200
//
// It does so for JSON lines and Parquet, SQLite and Qdrant, in place and by
// alias, over an index that is filled and then refreshed from other editions
// of the corpus. The embedding server and the Qdrant belong to it, so that
// they outlive the runs; QDRANT_URL names a real Qdrant in place of the latter.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vecload/vecload/sinks/qdrant/qdrantserver"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

// settings are those of the command line.
type settings struct {
	program, only, folder, qdrant string
	kills, documents, parallel    int
	seed                          uint64
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s := settings{qdrant: os.Getenv("QDRANT_URL")}
	flags := flag.NewFlagSet("torture", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.program, "vecload", "bin/vecload", "the `PROGRAM` that is killed")
	flags.IntVar(&s.kills, "kills", 200, "kill `N` times, or a few times more")
	flags.IntVar(&s.documents, "docs", 2000, "`N` documents in the corpus")
	flags.IntVar(&s.parallel, "parallel", 2, "`N` stories at a time")
	flags.StringVar(&s.only, "only", "", "only combinations with `PART` in their names")
	flags.StringVar(&s.folder, "dir", os.TempDir(), "work in a new folder in `DIR`")
	flags.Uint64Var(&s.seed, "seed", uint64(time.Now().UnixNano()), "`N` that all is drawn from") //nolint:gosec // not below 0
	if err := flags.Parse(args); err != nil {
		return err
	}
	return s.run(ctx, stdout)
}

// run tells stories until there are as many kills as are wanted.
func (s settings) run(ctx context.Context, stdout io.Writer) (err error) {
	some, err := matching(s.only)
	if err != nil {
		return err
	}
	if s.program, err = filepath.Abs(s.program); err != nil {
		return err
	}
	if s.folder, err = filepath.Abs(s.folder); err != nil {
		return err
	}
	if s.qdrant == "" {
		server, err := qdrantserver.Start(qdrantserver.Options{}) //nolint:contextcheck // it ends with Stop
		if err != nil {
			return err
		}
		defer server.Stop()
		s.qdrant = server.URL()
	}
	folder, err := os.MkdirTemp(s.folder, "vecload-torture-")
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "seed %d, in %s\n", s.seed, folder)
	started, tally := time.Now(), newTally()
	for round := uint64(0); err == nil && tally.kills() < s.kills; round++ {
		err = s.round(ctx, some, folder, round, tally)
		fmt.Fprintf(stdout, "round %d: %d kills after %s\n", round+1, tally.kills(), time.Since(started).Round(time.Second))
	}
	err = errors.Join(err, tally.print(stdout))
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\nall indexes are as they should be, after %s\n", time.Since(started).Round(time.Second))
	return os.RemoveAll(folder)
}

// round tells one story of each combination.
func (s settings) round(ctx context.Context, some []combination, folder string, round uint64, tally *tally) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(s.parallel)
	for _, c := range some {
		p := plan{
			combination: c, program: s.program, qdrant: s.qdrant, seed: s.seed + round, documents: s.documents,
			folder: filepath.Join(folder, fmt.Sprintf("%s-%d", c, s.seed+round)),
			phases: 3, kills: 5, thorough: round == 0,
		}
		group.Go(func() error { return p.tell(ctx, tally) })
	}
	return group.Wait()
}
