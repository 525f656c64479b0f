package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/vecload/vecload/configs"
)

func checkCommand(p process) *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "validate the configuration, all problems at once",
		ArgsUsage: "[FILE]",
		Description: `Reads the configuration and opens nothing that it names: neither corpus nor
endpoint nor index. The exit code is 2 when there are problems.`,
		Flags: flags([]cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print the problems as JSON"}}),
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return noArguments(c)
			}
			if c.NArg() == 1 {
				if err := c.Set("config", c.Args().First()); err != nil {
					return err
				}
			}
			config, err := loadConfig(c, p)
			if c.Bool("json") {
				return errors.Join(err, printProblems(p, err))
			}
			if err != nil {
				return err
			}
			for i, candidate := range config.Candidates() {
				what := "ok: model"
				if i > 0 {
					what = "    or, if it is not served,"
				}
				if _, err := fmt.Fprintf(p.stdout, "%s %s → %s\n", what, modelNames(candidate), indexName(candidate.Index)); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// printProblems prints what is wrong as a JSON array; [] when nothing is.
func printProblems(p process, err error) error {
	type problem struct {
		File   string `json:"file"`
		Line   int    `json:"line"`
		Column int    `json:"column"`
		Path   string `json:"path"`
		Flag   string `json:"flag,omitempty"`
		Text   string `json:"text"`
	}
	problems := []problem{}
	if told, ok := errors.AsType[*configs.Error](err); ok {
		for _, one := range told.Problems {
			problems = append(problems, problem{File: told.File, Line: one.Line, Column: one.Column, Path: one.Path, Flag: one.Flag, Text: one.Text})
		}
	} else if err != nil {
		problems = append(problems, problem{Text: err.Error()})
	}
	encoder := json.NewEncoder(p.stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(problems)
}

// indexName names an index as messages and reports do.
func indexName(index configs.Index) string {
	switch {
	case index.Qdrant != nil:
		return string(index.Qdrant.URL) + "/" + index.Qdrant.Collection
	case index.SQLite != nil:
		return index.SQLite.Path
	}
	return configs.DefaultSQLitePath
}
