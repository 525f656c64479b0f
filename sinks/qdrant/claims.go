package qdrant

import (
	"context"
	"fmt"
	"strings"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/vecload/vecload/pipeline"
)

const (
	// claimPrefix begins the metadata keys of claims; the name of the run
	// follows, a dot, and how often it asked. Each run writes its own keys
	// only, since the server merges keys and compares nothing.
	claimPrefix = "vecload_run_"
	// cleanKey is there, and true, when the last run ended in good order.
	cleanKey = "vecload_clean"

	maxTerm = time.Hour // of a claim that was read
)

// claim is what a run says of itself to others.
type claim struct {
	name   string // of the run, a dot, and a number
	holder pipeline.Holder
	held   bool // it has the lease; false while it asks for it
	beat   int64
	term   time.Duration
}

// same reports whether a claim was not changed.
func (c claim) same(other claim) bool { return c.beat == other.beat && c.held == other.held }

// notices are all claims, by their names, and whether the last run ended well.
type notices struct {
	claims map[string]claim
	clean  bool
}

// change is made at once.
type change struct {
	put    *claim
	remove []string // names of claims
	clean  *bool    // nil leaves it as it is
}

// board is where runs put up their claims. Whoever reads after a change was
// made sees it, or sees neither it nor any later one.
type board interface {
	read(ctx context.Context) (notices, error)
	write(ctx context.Context, change change) error
}

// metadata is the board that a collection's metadata is.
type metadata struct {
	index      *Index
	collection string
	brief      bool // for one who repeats calls in a way of its own
}

func (m metadata) ask() func(context.Context, string, func(context.Context) error) error {
	if m.brief {
		return m.index.askBriefly
	}
	return m.index.ask
}

func (m metadata) read(ctx context.Context) (notices, error) {
	info, err := m.index.describe(ctx, m.collection, m.ask())
	if err != nil {
		return notices{}, err
	}
	if info == nil {
		return notices{}, m.index.refuse("the collection is gone", "somebody deleted it; run the same command again to make it anew")
	}
	return decodeNotices(info.GetConfig().GetMetadata()), nil
}

func (m metadata) write(ctx context.Context, change change) error {
	return m.ask()(ctx, "claim", func(ctx context.Context) error {
		return m.index.client.UpdateCollection(ctx, &pb.UpdateCollection{
			CollectionName: m.collection, Metadata: change.encode(),
		})
	})
}

// briefly returns a board whose calls are soon given up, where it has such.
func briefly(b board, brief bool) board {
	if m, ok := b.(metadata); ok {
		m.brief = brief
		return m
	}
	return b
}

// encode makes the metadata that is merged. Null takes a key away.
func (c change) encode() map[string]*pb.Value {
	out := map[string]*pb.Value{}
	for _, name := range c.remove {
		out[claimPrefix+name] = encodeValue(pipeline.Null())
	}
	if c.put != nil {
		out[claimPrefix+c.put.name] = encodeValue(pipeline.Object([]pipeline.Field{
			{Name: "host", Value: pipeline.String(c.put.holder.Host)},
			{Name: "machine", Value: pipeline.String(c.put.holder.Machine)},
			{Name: "pid", Value: pipeline.Int(int64(c.put.holder.PID))},
			{Name: "since", Value: pipeline.String(c.put.holder.Since.Format(time.RFC3339Nano))},
			{Name: "held", Value: pipeline.Bool(c.put.held)},
			{Name: "beat", Value: pipeline.Int(c.put.beat)},
			{Name: "term_ms", Value: pipeline.Int(c.put.term.Milliseconds())},
		}))
	}
	if c.clean != nil {
		out[cleanKey] = encodeValue(pipeline.Bool(*c.clean))
	}
	return out
}

// decodeNotices passes over what is not of vecload.
func decodeNotices(metadata map[string]*pb.Value) notices {
	out := notices{claims: map[string]claim{}, clean: metadata[cleanKey].GetBoolValue()}
	for key, value := range metadata {
		name, ok := strings.CutPrefix(key, claimPrefix)
		run := holderOf(name)
		fields := value.GetStructValue().GetFields()
		if !ok || run == "" || fields == nil {
			continue
		}
		since, _ := time.Parse(time.RFC3339Nano, fields["since"].GetStringValue()) // for people; zero when it is unreadable
		millis := min(max(0, fields["term_ms"].GetIntegerValue()), maxTerm.Milliseconds())
		out.claims[name] = claim{
			name: name,
			holder: pipeline.Holder{
				Run: run, Host: fields["host"].GetStringValue(), PID: int(fields["pid"].GetIntegerValue()), Since: since,
				Machine: fields["machine"].GetStringValue(),
			},
			held: fields["held"].GetBoolValue(), beat: fields["beat"].GetIntegerValue(),
			term: time.Duration(millis) * time.Millisecond,
		}
	}
	return out
}

// holderOf is the run that put up the claim of this name.
func holderOf(name string) string {
	run, _, _ := strings.Cut(name, ".")
	return run
}

// checkRun refuses a name that cannot be part of a key.
func checkRun(run string) error {
	isOther := func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}
	if run == "" || strings.ContainsFunc(run, isOther) {
		return fmt.Errorf("the run's name %.80q is not of letters, digits and hyphens", run)
	}
	return nil
}

// busy is the error of a run that cannot have the lease.
func (x *Index) busy(by pipeline.Holder) error {
	return &pipeline.Error{
		Op: x.place(), Class: pipeline.Fatal,
		Hint: fmt.Sprintf("wait until it has ended, or stop process %d on %s; its lease then ends by itself", by.PID, by.Host),
		Err:  fmt.Errorf("%w: %s", pipeline.ErrBusy, describe(by)),
	}
}

// lost is the error of a run that has the lease no longer.
func (x *Index) lost(why error) error {
	return &pipeline.Error{
		Op: x.place(), Class: pipeline.Fatal,
		Hint: "see that one run at a time writes to the collection and that the server can be reached, " +
			"then run the same command again",
		Err: fmt.Errorf("the lease is lost: %w", why),
	}
}

func describe(h pipeline.Holder) string {
	return fmt.Sprintf("run %s on %s (process %d, since %s)", h.Run, h.Host, h.PID, h.Since.Format(time.RFC3339))
}
