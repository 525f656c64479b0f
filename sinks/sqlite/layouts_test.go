package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sinks/sinktest"
	"github.com/vecload/vecload/sinks/sqlite"
)

// smallLot is so small that ids go into the index of the file all the time.
const smallLot = 5

func smallLots(tb testing.TB, path string) *sqlite.Index {
	tb.Helper()
	index := newIndex(tb, path)
	sqlite.SetLot(index, smallLot)
	return index
}

// earlier is an index whose file is of layout 4.
type earlier struct {
	*sqlite.Index
	tb   testing.TB
	path string
}

func (e earlier) Prepare(ctx context.Context, spaces pipeline.Spaces) error {
	if _, err := os.Stat(e.path); err == nil {
		return e.Index.Prepare(ctx, spaces)
	}
	first := newIndex(e.tb, e.path)
	if err := first.Prepare(ctx, spaces); err != nil {
		return err
	}
	if err := first.Close(); err != nil {
		return err
	}
	statements := []string{
		`ALTER TABLE vectors DROP COLUMN filed`, `ALTER TABLE vectors DROP COLUMN next`, `PRAGMA user_version = 4`,
	}
	for i := range len(spaces) {
		n := strconv.Itoa(i + 1)
		statements = append(
			statements, `DROP TRIGGER points_`+n+`_gone`, `DROP TRIGGER points_`+n+`_made`, `DROP TABLE keys_`+n, `DROP TABLE ids_`+n,
			`CREATE UNIQUE INDEX points_`+n+`_id ON points_`+n+` (id)`, `CREATE INDEX points_`+n+`_made ON points_`+n+` (id, made, chunks)`,
		)
	}
	execute(e.tb, e.path, statements...) //nolint:contextcheck // another program has its own
	return e.Index.Prepare(ctx, spaces)
}

// layouts are the kinds of files that an index may have.
func layouts() map[string]func(tb testing.TB, path string) sinktest.Index {
	return map[string]func(tb testing.TB, path string) sinktest.Index{
		"small lots": func(tb testing.TB, path string) sinktest.Index { tb.Helper(); return smallLots(tb, path) },
		"layout 4": func(tb testing.TB, path string) sinktest.Index {
			tb.Helper()
			return earlier{newIndex(tb, path), tb, path}
		},
	}
}

func TestEveryLayoutPassesTheSuite(t *testing.T) {
	t.Parallel()
	for name, open := range layouts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sinktest.RunInVirtualTime(t, func(tb testing.TB) sinktest.Open {
				tb.Helper()
				file := "index?#%20 ü.db" // a name that a URL would read otherwise
				if name == "layout 4" {
					file = "index.db" // other programs are to find it
				}
				path := filepath.Join(tb.TempDir(), file)
				return func(tb testing.TB) sinktest.Index { tb.Helper(); return open(tb, path) }
			})
		})
	}
}

// TestPointsAreFoundWhereverTheirIDsAre changes an index in every way, from
// several handles, some of which are left behind as a killed process leaves
// them, and compares it with a map.
func TestPointsAreFoundWhereverTheirIDsAre(t *testing.T) {
	t.Parallel()
	for name, open := range layouts() {
		for seed := range uint64(2) {
			t.Run(fmt.Sprintf("%s, %d", name, seed), func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "index.db")
				changes := &changes{t: t, random: rand.New(rand.NewPCG(seed, 1)), want: map[pipeline.PointID]pipeline.Point{}} //nolint:gosec // the same each time
				for range 8 {
					changes.handles = append(changes.handles, open(t, path))
					last := len(changes.handles) - 1
					if err := changes.handles[last].Prepare(t.Context(), spaces()); err != nil {
						t.Fatal(err)
					}
					for range 8 {
						// Mostly the latest one, as when the others were killed.
						of := last
						if changes.random.IntN(4) == 0 {
							of = changes.random.IntN(last + 1)
						}
						changes.one(changes.handles[of])
						changes.check(changes.handles[changes.random.IntN(last+1)])
					}
				}
				if name != "layout 4" {
					checkKeys(t, path, len(changes.want))
				}
			})
		}
	}
}

// changes are made of an index, and of a map.
type changes struct {
	t       *testing.T
	random  *rand.Rand
	handles []sinktest.Index
	want    map[pipeline.PointID]pipeline.Point
	made    int
}

// some are points that are there, and some that are not.
func (c *changes) some() []pipeline.Point {
	var out []pipeline.Point
	for _, n := range c.random.Perm(60)[:1+c.random.IntN(12)] {
		c.made++
		p := points("doc " + strconv.Itoa(n))[0]
		p.Text, p.Vector = strconv.Itoa(c.made), pipeline.Vector{1, float32(c.made), 0}
		p.Made = pipeline.Made{Input: pipeline.DigestText(p.Text), Rest: pipeline.DigestText(p.Doc)}
		out = append(out, p)
	}
	return out
}

func (c *changes) one(index sinktest.Index) {
	c.t.Helper()
	points := c.some()
	var err error
	switch c.random.IntN(4) {
	case 0:
		ids := make([]pipeline.PointID, len(points))
		for i, p := range points {
			ids[i] = p.ID
			delete(c.want, p.ID)
		}
		err = index.Delete(c.t.Context(), "text", ids)
	case 1:
		for i := range points {
			points[i].Vector = nil
			if old, ok := c.want[points[i].ID]; ok {
				p := points[i]
				p.Vector = old.Vector
				c.want[p.ID] = p
			}
		}
		err = index.Update(c.t.Context(), points)
	default:
		for _, p := range points {
			c.want[p.ID] = p
		}
		err = index.Write(c.t.Context(), points)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// check asks for all points in an order of their own, each with another one
// that nobody ever wrote.
func (c *changes) check(index sinktest.Index) {
	c.t.Helper()
	var ids []pipeline.PointID
	for n := range 60 {
		ids = append(ids, points("doc " + strconv.Itoa(n))[0].ID, points("none " + strconv.Itoa(n))[0].ID)
	}
	ids = append(ids, pipeline.NewPointID("text", "one more, for a sample", 0))
	for range 10 {
		ids = append(ids, pipeline.NewPointID("text", "more", len(ids)))
	}
	c.random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	stored, err := index.Stored(c.t.Context(), "text", ids)
	if err != nil {
		c.t.Fatal(err)
	}
	vectors, err := index.Vectors(c.t.Context(), "text", ids)
	if err != nil {
		c.t.Fatal(err)
	}
	for i, id := range ids {
		p, ok := c.want[id]
		if stored[i].Found != ok || ok && (stored[i].Made != p.Made || stored[i].Chunks != p.Chunks) {
			c.t.Fatalf("%s is stored as %+v, want %v %+v", id, stored[i], ok, p.Made)
		}
		if (vectors[i] != nil) != ok || ok && !near(vectors[i][1]/vectors[i][0], p.Vector[1]) {
			c.t.Fatalf("%s has the vector %v, want %v %v", id, vectors[i], ok, p.Vector)
		}
	}
	if n, err := index.Count(c.t.Context()); err != nil || n != int64(len(c.want)) {
		c.t.Fatalf("%d points, %v, want %d", n, err, len(c.want))
	}
}

func near(a, b float32) bool { return a > b*0.999 && a < b*1.001 }

// checkKeys looks at the file with another program's eyes: keys has what the
// points have, and the index of ids every row up to where it goes.
func checkKeys(t *testing.T, path string, want int) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	const lost = `SELECT count(*) FROM keys_1
		WHERE row <= (SELECT filed FROM vectors) AND row IS NOT (SELECT row FROM ids_1 WHERE id = keys_1.id)`
	for query, want := range map[string]int{
		lost:                            0,
		`SELECT count(*) FROM points_1`: want,
		`SELECT count(*) FROM keys_1`:   want,
		`SELECT count(*) FROM points_1 JOIN keys_1 USING (row, id, made, chunks)`: want,
		`SELECT count(*) - count(DISTINCT id) FROM points_1`:                      0,
		`SELECT filed = 0 FROM vectors`:                                           0,
		`SELECT next <= (SELECT max(row) FROM points_1) FROM vectors`:             0,
	} {
		var n int
		if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil || n != want {
			t.Errorf("%s gives %d, %v, want %d", query, n, err, want)
		}
	}
}

// TestNeighboursAreReadTogether asks in the order of writing and in others,
// for all, for a part, and for more than there are.
func TestNeighboursAreReadTogether(t *testing.T) {
	t.Parallel()
	index := newIndex(t, filepath.Join(t.TempDir(), "index.db"))
	sqlite.SetLot(index, 700)
	if err := index.Prepare(t.Context(), spaces()); err != nil {
		t.Fatal(err)
	}
	const many = 2000
	var all []pipeline.Point
	for i := range many {
		p := points("doc " + strconv.Itoa(i))[0]
		p.Made = pipeline.Made{Input: pipeline.DigestText(p.Doc)}
		all = append(all, p)
	}
	for some := range slices.Chunk(all, 300) {
		if err := index.Write(t.Context(), some); err != nil {
			t.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // the same each time
	shuffled := slices.Clone(all)
	random.Shuffle(len(all), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	unknown := slices.Clone(all[500:900])
	for i := range unknown {
		if i%3 > 0 {
			unknown[i].ID = pipeline.NewPointID("text", "none", i)
		}
	}
	for name, asked := range map[string][]pipeline.Point{
		"all": all, "the middle": all[300:900], "the end": all[many-200:], "in no order": shuffled, "a few in no order": shuffled[:300],
		"backwards": backwards(all), "two thirds unknown": unknown, "two ends": slices.Concat(all[:200], all[many-200:]),
	} {
		ids := make([]pipeline.PointID, len(asked))
		for i := range asked {
			ids[i] = asked[i].ID
		}
		stored, err := index.Stored(t.Context(), "text", ids)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range stored {
			there := asked[i].ID == points(asked[i].Doc)[0].ID
			if s.Found != there || there && s.Made != asked[i].Made {
				t.Errorf("%s: point %d is %+v, want %v", name, i, s, there)
				break
			}
		}
	}
}

func backwards(points []pipeline.Point) []pipeline.Point {
	out := slices.Clone(points)
	slices.Reverse(out)
	return out
}

func TestADeletedPointNeverReachesTheIndexOfIDs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.db")
	index := smallLots(t, path)
	if err := index.Prepare(t.Context(), spaces()); err != nil {
		t.Fatal(err)
	}
	for i := range 10 * smallLot {
		p := points(strconv.Itoa(i))
		if err := index.Write(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if i%3 > 0 { // one of those that wait to be filed, or are filed
			p = points(strconv.Itoa(i - i%3))
			if err := index.Delete(t.Context(), "text", []pipeline.PointID{p[0].ID}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 2 * smallLot {
		if err := index.Write(t.Context(), points("later "+strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
		if err := index.Delete(t.Context(), "text", []pipeline.PointID{points("later " + strconv.Itoa(i-smallLot))[0].ID}); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	var filed, gone int
	err = db.QueryRowContext(t.Context(), `SELECT count(*), count(*) FILTER (WHERE row NOT IN (SELECT row FROM points_1)) FROM ids_1`).Scan(&filed, &gone)
	if err != nil || filed == 0 || gone > 0 {
		t.Errorf("%d ids are filed, %d of them of points that are gone, %v", filed, gone, err)
	}
}
