package configs_test

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vecload/vecload/configs"
)

func TestEverySampleIsValid(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("samples are %v (%v), want at least 5", files, err)
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			c, err := configs.Parse(file, read(t, file), fullEnv())
			if err != nil {
				t.Fatalf("Parse:\n%v", err)
			}
			if err := c.Validate(); err != nil {
				t.Errorf("Validate:\n%v", err)
			}
		})
	}
}

func TestFullSampleIsTheDefault(t *testing.T) {
	t.Parallel()
	got, err := configs.Parse("full.yaml", read(t, "full.yaml"), configs.Env{})
	if err != nil {
		t.Fatal(err)
	}
	want := configs.Default()
	want.Source.Path = []string{"corpus/*.parquet"} // the one key without a default
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(configs.Config{})); diff != "" {
		t.Errorf("full.yaml differs from Default() (-want +got):\n%s", diff)
	}
}

func TestFullSampleHasEveryKey(t *testing.T) {
	t.Parallel()
	// A comment without a space after # is a key that is commented out.
	commented := regexp.MustCompile(`(?m)^( *)#( *)(- |[a-z0-9_]+:)`)
	text := commented.ReplaceAllString(string(read(t, "full.yaml")), "$1$2$3")
	if err := parse(text, fullEnv()); err != nil {
		t.Fatalf("full.yaml with all its keys has mistakes:\n%v", err)
	}
	want := map[string]bool{}
	collectKeys(reflect.TypeFor[configs.Config](), want)
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if !regexp.MustCompile(`(?m)^ *(- )?` + key + `:`).MatchString(text) {
			t.Errorf("full.yaml lacks the key %s", key)
		}
	}
	for _, match := range regexp.MustCompile(`(?m)^ *(?:- )?([a-z0-9_]+):`).FindAllStringSubmatch(text, -1) {
		if !want[match[1]] {
			t.Errorf("full.yaml has the key %s, which no section has", match[1])
		}
	}
}

func TestCommentedDefaultsOfTheFullSampleAreTheDefaults(t *testing.T) {
	t.Parallel()
	c := parsed(t, commentedSection(t, "chunk"), configs.Env{})
	if want := configs.DefaultChunk(); c.Chunk == nil || *c.Chunk != want {
		t.Errorf("chunk of full.yaml = %+v, want %+v", c.Chunk, want)
	}
}

func TestVectorsOfTheFullSampleCanStandInPlaceOfEmbed(t *testing.T) {
	t.Parallel()
	c := parsed(t, "source: {image: thumbnail}\n"+commentedSection(t, "vectors"), configs.Env{})
	if got := summary(c); got != "image=openai/clip-vit-base-patch32 text=builtin in vecload.db" {
		t.Errorf("vectors of full.yaml make %s", got)
	}
}

// commentedSection returns a section of full.yaml that is commented out.
func commentedSection(t *testing.T, name string) string {
	t.Helper()
	_, section, found := strings.Cut(string(read(t, "full.yaml")), "\n#"+name+":")
	if !found {
		t.Fatalf("full.yaml has no section %s that is commented out", name)
	}
	section, _, _ = strings.Cut(name+":"+section, "\n\n")
	return strings.ReplaceAll(section, "\n#", "\n")
}

// collectKeys adds the keys of a section and of all below it.
func collectKeys(section reflect.Type, to map[string]bool) {
	for field := range section.Fields() {
		key := field.Tag.Get("yaml")
		if key == "" {
			continue
		}
		to[key] = true
		inner := field.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice || inner.Kind() == reflect.Map {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			collectKeys(inner, to)
		}
	}
}

// fullEnv is an environment in which every variable of the samples is set.
func fullEnv() configs.Env {
	return configs.Env{
		Lookup: func(name string) (string, bool) {
			if name == "QDRANT_URL" {
				return "https://qdrant.internal:6334", true
			}
			return "value-of-" + name, true
		},
		ReadFile: secretFile(theSecret, 0o444),
	}
}

func parse(text string, env configs.Env) error {
	_, err := configs.Parse("test.yaml", []byte(text), env)
	return err
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestDurationsReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	c, err := configs.Parse("", []byte("embed: {timeout: 90s, warm_up: 1h30m}"), configs.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Embed.Timeout != 90*time.Second || c.Embed.WarmUp != 90*time.Minute {
		t.Errorf("timeout, warm_up = %v, %v, want 1m30s, 1h30m", c.Embed.Timeout, c.Embed.WarmUp)
	}
}
