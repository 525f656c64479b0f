package main

import (
	"fmt"
	"html"
	"strings"
)

// drawing is an SVG file on white, with colours that are told apart by those
// who see few of them, so that it can be read wherever it is shown.
type drawing struct{ b strings.Builder }

const (
	chartWidth, chartHeight = 760.0, 340.0
	marginLeft, marginRight = 60.0, 40.0
	marginTop, marginBottom = 40.0, 50.0
)

// colours are those of the first things that are compared.
func colours() []string { return []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7"} }

func newDrawing(width, height float64) *drawing {
	d := &drawing{}
	fmt.Fprintf(&d.b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="sans-serif" font-size="13">`+"\n", width, height)
	fmt.Fprintf(&d.b, `<rect width="%g" height="%g" fill="white"/>`+"\n", width, height)
	return d
}

// text writes words at a place; anchor is start, middle or end.
func (d *drawing) text(x, y float64, anchor, words string) {
	fmt.Fprintf(&d.b, `<text x="%.1f" y="%.1f" text-anchor="%s" fill="#333">%s</text>`+"\n", x, y, anchor, html.EscapeString(words))
}

func (d *drawing) line(x1, y1, x2, y2 float64, colour string, width float64) {
	fmt.Fprintf(&d.b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%g"/>`+"\n", x1, y1, x2, y2, colour, width)
}

func (d *drawing) bar(x, y, width, height float64, colour string) {
	fmt.Fprintf(&d.b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x, y, width, height, colour)
}

// curve joins points, each an x and a y.
func (d *drawing) curve(points [][2]float64, colour string) {
	var places strings.Builder
	for _, p := range points {
		fmt.Fprintf(&places, "%.1f,%.1f ", p[0], p[1])
	}
	fmt.Fprintf(&d.b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="1.5"/>`+"\n", strings.TrimSpace(places.String()), colour)
}

// legend says above a chart what the i-th colour is of.
func (d *drawing) legend(i int, words string) {
	x := marginLeft + 20 + 200*float64(i)
	d.line(x, marginTop-18, x+24, marginTop-18, colours()[i%len(colours())], 3)
	d.text(x+30, marginTop-14, "start", words)
}

// String returns the whole file.
func (d *drawing) String() string { return d.b.String() + "</svg>\n" }
