package configs_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/vecload/vecload/configs"
)

//nolint:paralleltest // it measures what the whole process allocates
func TestAConfigurationThatGrowsIsRefused(t *testing.T) {
	endpoints := "[&e {tei: {url: 'http://h'}}" + strings.Repeat(",*e", 20_000) + "]"
	var laughs strings.Builder
	laughs.WriteString("source: {payload: &a [x, x]}\nrejects: &b [*a]\nchunk: &c [*b, *b]\n")
	for name, text := range map[string]string{
		"aliases of aliases":   "embed:\n  alternatives: [&a {model: a/b, endpoints: " + endpoints + "}" + strings.Repeat(",*a", 20_000) + "]\n",
		"aliases under names":  "vectors:\n  a: &a {model: a/b, endpoints: " + endpoints + "}\n" + names(20_000),
		"lists in lists":       laughs.String(),
		"depth":                "source: " + strings.Repeat("[", 100_000),
		"an alias of itself":   "embed: &e {endpoints: [*e]}",
		"a merge of itself":    "source: &s {path: x, <<: *s}",
		"more than a megabyte": "# " + strings.Repeat("x", 1<<20),
		"very many keys":       strings.Repeat("x: 1\n", 10_000),
		"a number without end": "embed: {in_flight: 1" + strings.Repeat("0", 500_000) + "}",
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			_, err := configs.Parse("F", []byte(text), configs.Env{})
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Error("it was taken")
			} else if lines := strings.SplitN(err.Error(), "\n", 2); len(lines[0]) > 500 {
				t.Errorf("the first problem has %d bytes", len(lines[0]))
			}
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 500 {
				t.Errorf("%d MiB were allocated", used)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// names are n lines that name one alias each.
func names(n int) string {
	var out strings.Builder
	for i := range n {
		out.WriteString("  a")
		for ; i > 0; i /= 10 {
			out.WriteByte(byte('0' + i%10))
		}
		out.WriteString("x: *a\n")
	}
	return out.String()
}
