package main

import (
	"fmt"
	"math"
)

// draw draws the cost of a document over the size of the corpus, whose axis
// is logarithmic.
func (s scaling) draw() string {
	least, most, top := math.Inf(1), 0.0, 10.0
	for _, r := range s.Sizes {
		size := math.Log10(float64(r.Scenario.Corpus.Documents))
		least, most, top = min(least, size), max(most, size), max(top, s.each(r))
	}
	least, most, top = math.Floor(least), max(math.Ceil(most), math.Floor(least)+1), math.Ceil(top/10)*10
	x := func(size float64) float64 {
		return marginLeft + (size-least)/(most-least)*(chartWidth-marginLeft-marginRight)
	}
	y := func(cost float64) float64 {
		return chartHeight - marginBottom - cost/top*(chartHeight-marginTop-marginBottom)
	}
	d := newDrawing(chartWidth, chartHeight)
	for i := range 6 {
		cost := top * float64(i) / 5
		d.line(marginLeft, y(cost), chartWidth-marginRight, y(cost), "#ddd", 1)
		d.text(marginLeft-8, y(cost)+4, "end", fmt.Sprintf("%.0f", cost))
	}
	for size := least; size <= most; size++ {
		d.text(x(size), chartHeight-marginBottom+20, "middle", inThousands(math.Pow(10, size)))
	}
	d.text(marginLeft-8, marginTop-14, "end", "µs")
	d.text((marginLeft+chartWidth)/2, chartHeight-12, "middle", "documents in the corpus; CPU time of each, without the start of the process")
	for i, index := range s.indexes() {
		var points [][2]float64
		for _, r := range s.Sizes {
			if r.Scenario.Index == index {
				points = append(points, [2]float64{x(math.Log10(float64(r.Scenario.Corpus.Documents))), y(s.each(r))})
			}
		}
		colour := colours()[i%len(colours())]
		d.curve(points, colour)
		for _, p := range points {
			d.bar(p[0]-3, p[1]-3, 6, 6, colour)
		}
		d.legend(i, index)
	}
	return d.String()
}

// inThousands shortens a power of ten.
func inThousands(n float64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.0f million", n/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.0f,000", n/1e3)
	}
	return fmt.Sprintf("%.0f", n)
}

// indexes are those that were measured, in order.
func (s scaling) indexes() (out []string) {
	for _, r := range s.Sizes {
		if len(out) == 0 || out[len(out)-1] != r.Scenario.Index {
			out = append(out, r.Scenario.Index)
		}
	}
	return out
}
