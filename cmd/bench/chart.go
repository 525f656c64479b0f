package main

import (
	"fmt"
	"math"
	"os"
)

// saveChart draws memory over documents read into an SVG file.
func saveChart(name string, curves []curve) error {
	return os.WriteFile(name, []byte(drawChart(curves)), 0o644)
}

// frame maps documents and megabytes to places in the drawing.
type frame struct{ documents, megabytes float64 }

func (f frame) x(documents float64) float64 {
	return marginLeft + documents/f.documents*(chartWidth-marginLeft-marginRight)
}

func (f frame) y(megabytes float64) float64 {
	return chartHeight - marginBottom - megabytes/f.megabytes*(chartHeight-marginTop-marginBottom)
}

// drawChart returns the drawing.
func drawChart(curves []curve) string {
	f := frame{documents: 1, megabytes: 50}
	for _, c := range curves {
		f.documents = max(f.documents, float64(c.Scenario.Corpus.Documents))
		f.megabytes = max(f.megabytes, math.Ceil(float64(c.Peak)/1e6/50)*50)
	}
	d := newDrawing(chartWidth, chartHeight)
	for i := range 6 {
		part := float64(i) / 5
		y := f.y(part * f.megabytes)
		d.line(marginLeft, y, chartWidth-marginRight, y, "#ddd", 1)
		d.text(marginLeft-8, y+4, "end", fmt.Sprintf("%.0f", part*f.megabytes))
		d.text(f.x(part*f.documents), chartHeight-marginBottom+20, "middle", fmt.Sprintf("%.0f k", part*f.documents/1000))
	}
	d.text(marginLeft-8, marginTop-14, "end", "MB")
	d.text((marginLeft+chartWidth)/2, chartHeight-12, "middle", "documents read")
	for i, c := range curves {
		var points [][2]float64
		for _, p := range c.Points {
			points = append(points, [2]float64{f.x(float64(p.Documents)), f.y(float64(p.RSS) / 1e6)})
		}
		d.curve(points, colours()[i%len(colours())])
		d.legend(i, "resident memory, "+c.Scenario.Index)
	}
	return d.String()
}
