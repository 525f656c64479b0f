package configs_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vecload/vecload/configs"
)

func TestNoNameOfAModelLeadsOutOfTheFolderOfTheIndex(t *testing.T) {
	t.Parallel()
	for _, model := range []string{"../../../etc/cron.d/x", "a/..", "..", `a\..\b`, "C:evil", "a/b\x00c", "a/b c", "/etc/passwd", "a/-rf", "a/%2e%2e%2f"} {
		c := configs.Default()
		c.Index.SQLite = &configs.SQLite{Path: "folder/index.db"}
		c.Embed.Model = "builtin"
		c.Embed.Alternatives = []configs.Alternative{{Model: model}}
		for _, candidate := range c.Candidates()[1:] {
			path := candidate.Index.SQLite.Path
			if filepath.Dir(path) != "folder" || !strings.HasPrefix(filepath.Base(path), "index-") || strings.ContainsAny(path, "\\:\x00 %") {
				t.Errorf("%q: the index would be %q", model, path)
			}
		}
		c.Index.SQLite, c.Index.Qdrant = nil, &configs.Qdrant{Collection: "docs"}
		for _, candidate := range c.Candidates()[1:] {
			if name := candidate.Index.Qdrant.Collection; !strings.HasPrefix(name, "docs-") || strings.ContainsAny(name, `/\:*?"<>|`+"\x00") {
				t.Errorf("%q: the collection would be %s", model, fmt.Sprintf("%q", name))
			}
		}
	}
}
