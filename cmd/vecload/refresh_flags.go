package main

import "github.com/urfave/cli/v2"

// refreshFlags say what a run does to points that are there already.
func refreshFlags() []cli.Flag {
	const category = "Refresh"
	return []cli.Flag{
		&cli.BoolFlag{Name: "delete-missing", Category: category, Usage: "remove points of documents that are not in the corpus any more"},
		&cli.StringFlag{Name: "publish", Category: category, DefaultText: "in_place", Usage: "how readers come to it: `in_place|alias`; alias builds beside what cannot be refreshed, and switches"},
		&cli.StringFlag{Name: "max-delete", Category: category, DefaultText: "20%", Usage: "remove none when more than `SHARE` of the index would go"},
	}
}
