package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/vecload/vecload/configs"
	"github.com/vecload/vecload/sinks/qdrant"
)

func rollbackCommand(p process) *cli.Command {
	return &cli.Command{
		Name:  "rollback",
		Usage: "have readers use the index that they used before",
		Description: `Moves readers back to the index that was replaced by the last one that vecload
run has published (publish: alias). Nothing is deleted: a second rollback goes
forward again.`,
		Flags: flags(indexFlags(), outputFlags()),
		Action: func(c *cli.Context) error {
			return withPublisher(c, p, func(c *cli.Context, a assembly, pub publisher) error {
				did, err := pub.rollback(c.Context)
				if err != nil {
					return err
				}
				if c.Bool("json") {
					return printJSON(p.stdout, map[string]string{"rolled_back": did})
				}
				_, err = fmt.Fprintf(p.stdout, "Readers use what they used before: %s\n", did)
				return err
			})
		},
	}
}

func leftoversCommand(p process) *cli.Command {
	return &cli.Command{
		Name:  "leftovers",
		Usage: "list what dead runs have built beside the index, and drop it",
		Description: `Lists unfinished builds that no run is at, and indexes that readers used before
and that are not kept for a rollback. vecload run goes on with an unfinished
build of the same models and settings; --drop gives it up.`,
		Flags: flags(indexFlags(), []cli.Flag{
			&cli.StringSliceFlag{Name: "drop", Usage: "delete the leftover of this `NAME`; all deletes every one"},
		}, outputFlags()),
		Action: func(c *cli.Context) error {
			return withPublisher(c, p, func(c *cli.Context, a assembly, pub publisher) error {
				left, err := pub.leftovers(c.Context, a.config.Index.KeepPrevious)
				if err != nil {
					return err
				}
				if c.IsSet("drop") {
					names := c.StringSlice("drop")
					if len(names) == 1 && names[0] == "all" {
						names = nil
						for _, l := range left {
							names = append(names, l.Name)
						}
					}
					dropped, err := pub.drop(c.Context, names...)
					for _, name := range dropped {
						fmt.Fprintf(p.stdout, "dropped %s\n", name)
					}
					return err
				}
				if c.Bool("json") {
					if left == nil {
						left = []leftover{}
					}
					return printJSON(p.stdout, left)
				}
				printLeftovers(p.stdout, left)
				return nil
			})
		},
	}
}

// withPublisher does something with the publisher of the configured index.
func withPublisher(c *cli.Context, p process, do func(*cli.Context, assembly, publisher) error) (err error) {
	if err := noArguments(c); err != nil {
		return err
	}
	config, err := loadConfig(c, p)
	if err != nil {
		return err
	}
	meters := newMeters()
	a := assembly{process: p, config: config, meters: meters, contact: qdrant.NewContact(), show: newProgress(p, meters, c.Bool("quiet"))}
	pub, err := a.publisher()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pub.Close()) }()
	return do(c, a, pub)
}

// printJSON writes a value for machines.
func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

func printLeftovers(w io.Writer, left []leftover) {
	if len(left) == 0 {
		fmt.Fprintln(w, "nothing is left over")
		return
	}
	for _, l := range left {
		fmt.Fprintf(w, "%s  %s, %s, about %s, begun %s: %s\n", l.Name, l.State, plural(l.Points, "point"),
			configs.Bytes(l.Bytes/1000*1000), l.Since.Local().Format(time.DateTime), l.Reason)
	}
	fmt.Fprintln(w, "→ vecload run goes on with an unfinished build that fits; vecload leftovers --drop NAME deletes one")
}
