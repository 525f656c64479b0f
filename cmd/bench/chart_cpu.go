package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
)

// runChart draws what was measured before.
func runChart(_ context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("bench chart", flag.ContinueOnError)
	from := flags.String("from", "bin/bench.json", "take what is in `FILE`, that -json wrote")
	out := flags.String("out", "", "draw CPU time by program into `FILE.svg`; \"\" prints the tables only")
	if err := flags.Parse(args); err != nil {
		return err
	}
	data, err := os.ReadFile(*from)
	if err != nil {
		return err
	}
	var all results
	if err := json.Unmarshal(data, &all); err != nil {
		return fmt.Errorf("%s: %w", *from, err)
	}
	if len(all.Cases) == 0 {
		return fmt.Errorf("%s holds no case", *from)
	}
	if *out != "" {
		drawn, err := all.drawCPU()
		if err != nil {
			return fmt.Errorf("%s: %w", *from, err)
		}
		if err := os.WriteFile(*out, []byte(drawn), 0o644); err != nil {
			return err
		}
	}
	return all.print(stdout)
}

// cpuBars are the cases and the programs of the drawing, in order.
func cpuBars() (cases []string, names map[string]string, programs []program) {
	return []string{"json-qdrant", "base64-qdrant"},
		map[string]string{"json-qdrant": "JSON of Hugging Face", "base64-qdrant": "base64 of OpenAI"},
		[]program{plainProgram, vecload, bareWhole}
}

// drawCPU draws the CPU time of a million documents as bars.
func (r results) drawCPU() (string, error) {
	const rowHeight, barHeight, left, right = 30.0, 20.0, 90.0, 60.0
	cases, names, programs := cpuBars()
	most := 0.0
	for _, name := range cases {
		for _, p := range programs {
			c, ok := r.of(name, p)
			if !ok {
				return "", errors.New("not all of the cases json-qdrant and base64-qdrant were measured, with all programs")
			}
			most = max(most, c.CPU)
		}
	}
	height := 50 + float64(len(cases))*(float64(len(programs))*rowHeight+40)
	d := newDrawing(chartWidth, height)
	d.text(chartWidth/2, 24, "middle", "CPU seconds of a million documents (100 words, 384 dimensions, Qdrant), shorter is better")
	y := 50.0
	for _, name := range cases {
		d.text(20, y+12, "start", names[name])
		y += 22
		for i, p := range programs {
			c, _ := r.of(name, p)
			width := math.Max(c.CPU/most*(chartWidth-left-right), 1)
			d.text(left-8, y+15, "end", string(p))
			d.bar(left, y, width, barHeight, colours()[i])
			d.text(left+width+6, y+15, "start", fmt.Sprintf("%.1f", c.CPU))
			y += rowHeight
		}
		y += 18
	}
	return d.String(), nil
}
