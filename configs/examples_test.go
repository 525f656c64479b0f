package configs_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/vecload/vecload/configs"
)

const (
	docs     = "../docs/"
	examples = docs + "examples/"
)

// exampleEnv is an environment in which every variable is set, addresses to
// an address.
func exampleEnv() configs.Env {
	env := fullEnv()
	lookup := env.Lookup
	env.Lookup = func(name string) (string, bool) {
		if strings.HasSuffix(name, "_URL") {
			return "https://host.internal:6334", true
		}
		return lookup(name)
	}
	return env
}

func TestEveryExampleOfTheDocumentationIsValid(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"night/night.yaml", "rag/rag.yaml"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			c := parsed(t, string(read(t, examples+file)), exampleEnv())
			if err := c.Validate(); err != nil {
				t.Errorf("Validate:\n%v", err)
			}
			if !c.Index.DeleteMissing || c.Index.MaxDeleteShare >= configs.Default().Index.MaxDeleteShare {
				t.Errorf("deletes %t above %v, want a guard below the default", c.Index.DeleteMissing, c.Index.MaxDeleteShare)
			}
		})
	}
}

func TestConfigurationsOnThePagesHaveNoUnknownKey(t *testing.T) {
	t.Parallel()
	block := regexp.MustCompile("(?s)\n```yaml\n(.*?\n)```\n")
	for _, page := range []string{"night-job.md", "backfill.md", "rag-refresh.md"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			for _, found := range block.FindAllSubmatch(read(t, docs+page), -1) {
				if err := parse(string(found[1]), exampleEnv()); err != nil {
					t.Errorf("%v in\n%s", err, found[1])
				}
			}
		})
	}
}

func TestLinksOfThePagesLeadSomewhere(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for _, page := range []string{"night-job.md", "backfill.md", "rag-refresh.md"} {
		found := link.FindAllSubmatch(read(t, docs+page), -1)
		if len(found) == 0 {
			t.Errorf("%s has no link", page)
		}
		for _, match := range found {
			if _, err := os.Stat(docs + string(match[1])); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}

// cronJob is what is looked at of docs/examples/night/cronjob.yaml; that the
// rest is a CronJob was checked by Kubernetes' own code, see the page.
type cronJob struct {
	Kind string
	Spec struct {
		ConcurrencyPolicy string `yaml:"concurrencyPolicy"`
		JobTemplate       struct {
			Spec struct {
				PodFailurePolicy struct{ Rules []podFailureRule } `yaml:"podFailurePolicy"`
				Template         struct {
					Spec struct{ Containers []container }
				}
			}
		} `yaml:"jobTemplate"`
	}
}

type podFailureRule struct {
	Action      string
	OnExitCodes struct {
		ContainerName string `yaml:"containerName"`
		Values        []int
	} `yaml:"onExitCodes"`
}

type container struct {
	Name string
	Args []string
	Env  []struct{ Name string }
}

func TestCronJobKnowsTheExitCodesAndTheVariables(t *testing.T) {
	t.Parallel()
	var job cronJob
	if err := yaml.Unmarshal(read(t, examples+"night/cronjob.yaml"), &job); err != nil {
		t.Fatal(err)
	}
	if job.Kind != "CronJob" || job.Spec.ConcurrencyPolicy != "Forbid" || len(job.Spec.JobTemplate.Spec.Template.Spec.Containers) != 1 {
		t.Fatalf("cronjob.yaml is %+v", job)
	}
	one := job.Spec.JobTemplate.Spec.Template.Spec.Containers[0]
	actions := map[int]string{}
	for _, rule := range job.Spec.JobTemplate.Spec.PodFailurePolicy.Rules {
		for _, code := range rule.OnExitCodes.Values {
			actions[code] = rule.Action
			if rule.OnExitCodes.ContainerName != one.Name {
				t.Errorf("exit code %d is of the container %q, want %q", code, rule.OnExitCodes.ContainerName, one.Name)
			}
		}
	}
	for code, want := range map[int]string{1: "", 2: "FailJob", 3: "FailJob", 4: "FailJob", 5: "FailJob", 130: "Ignore"} {
		if actions[code] != want {
			t.Errorf("exit code %d: action %q, want %q", code, actions[code], want)
		}
	}
	var set []string
	for _, variable := range one.Env {
		set = append(set, variable.Name)
	}
	wantVariables(t, set)
}

func TestServiceKnowsTheExitCodesAndTheVariables(t *testing.T) {
	t.Parallel()
	unit := string(read(t, examples+"night/vecload.service"))
	for _, line := range []string{"Type=oneshot", "SuccessExitStatus=3 130", "Restart=on-failure", "RestartPreventExitStatus=2 4 5"} {
		if !strings.Contains(unit, "\n"+line+"\n") {
			t.Errorf("vecload.service lacks %s", line)
		}
	}
	var set []string
	for _, match := range regexp.MustCompile(`(?m)^Environment=(.*)$`).FindAllStringSubmatch(unit, -1) {
		for variable := range strings.FieldsSeq(match[1]) {
			name, _, _ := strings.Cut(variable, "=")
			set = append(set, name)
		}
	}
	// systemd.exec(5): what these directives put into the environment.
	for directive, name := range map[string]string{"\nLoadCredential=": "CREDENTIALS_DIRECTORY", "\nStateDirectory=": "STATE_DIRECTORY"} {
		if strings.Contains(unit, directive) {
			set = append(set, name)
		}
	}
	wantVariables(t, set)
}

// wantVariables fails where night.yaml asks for a variable that is not set.
func wantVariables(t *testing.T, set []string) {
	t.Helper()
	var asked []string
	_, err := configs.Parse("night.yaml", read(t, examples+"night/night.yaml"), configs.Env{
		Lookup: func(name string) (string, bool) {
			asked = append(asked, name)
			return "https://host.internal", true
		},
		ReadFile: func(string) ([]byte, fs.FileMode, error) { return []byte("key"), 0o400, nil },
	})
	if err != nil || len(asked) == 0 {
		t.Fatalf("night.yaml asks for %v, %v", asked, err)
	}
	for _, name := range asked {
		if !slices.Contains(set, name) {
			t.Errorf("night.yaml asks for %s, and only %v are set", name, set)
		}
	}
}
