package main

import (
	"fmt"
	"html"
	"math"
	"os"
	"strings"
)

// saveChart draws memory over documents read into an SVG file.
func saveChart(name string, curves []curve) error {
	return os.WriteFile(name, []byte(drawChart(curves)), 0o644)
}

// frame maps documents and megabytes to places in the drawing.
type frame struct{ documents, megabytes float64 }

const (
	chartWidth, chartHeight = 760.0, 340.0
	marginLeft, marginRight = 60.0, 40.0
	marginTop, marginBottom = 40.0, 50.0
)

func (f frame) x(documents float64) float64 {
	return marginLeft + documents/f.documents*(chartWidth-marginLeft-marginRight)
}

func (f frame) y(megabytes float64) float64 {
	return chartHeight - marginBottom - megabytes/f.megabytes*(chartHeight-marginTop-marginBottom)
}

// drawChart returns the drawing. Colours are told apart by those who see few
// of them, and stand out from white and from black.
func drawChart(curves []curve) string {
	f := frame{documents: 1, megabytes: 50}
	for _, c := range curves {
		f.documents = max(f.documents, float64(c.Scenario.Corpus.Documents))
		f.megabytes = max(f.megabytes, math.Ceil(float64(c.Peak)/1e6/50)*50)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="sans-serif" font-size="13">`+"\n", chartWidth, chartHeight)
	fmt.Fprintf(&b, `<rect width="%g" height="%g" fill="white"/>`+"\n", chartWidth, chartHeight)
	text := func(x, y float64, anchor, words string) {
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="%s" fill="#333">%s</text>`+"\n", x, y, anchor, html.EscapeString(words))
	}
	for i := range 6 {
		part := float64(i) / 5
		y := f.y(part * f.megabytes)
		fmt.Fprintf(&b, `<line x1="%g" y1="%.1f" x2="%g" y2="%.1f" stroke="#ddd"/>`+"\n", marginLeft, y, chartWidth-marginRight, y)
		text(marginLeft-8, y+4, "end", fmt.Sprintf("%.0f", part*f.megabytes))
		text(f.x(part*f.documents), chartHeight-marginBottom+20, "middle", fmt.Sprintf("%.0f k", part*f.documents/1000))
	}
	text(marginLeft-8, marginTop-14, "end", "MB")
	text((marginLeft+chartWidth)/2, chartHeight-12, "middle", "documents read")
	colours := []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7"}
	for i, c := range curves {
		colour := colours[i%len(colours)]
		var line strings.Builder
		for _, p := range c.Points {
			fmt.Fprintf(&line, "%.1f,%.1f ", f.x(float64(p.Documents)), f.y(float64(p.RSS)/1e6))
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="1.5"/>`+"\n", strings.TrimSpace(line.String()), colour)
		x := marginLeft + 20 + 200*float64(i)
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%g" x2="%.1f" y2="%g" stroke="%s" stroke-width="3"/>`+"\n", x, marginTop-18, x+24, marginTop-18, colour)
		text(x+30, marginTop-14, "start", "resident memory, "+c.Scenario.Index)
	}
	b.WriteString("</svg>\n")
	return b.String()
}
