package main

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	arrow "github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
	"github.com/rogpeppe/go-internal/testscript"
)

// colours are what a picture of a story may show.
func colours() map[string]color.RGBA {
	return map[string]color.RGBA{
		"red": {R: 200, A: 255}, "green": {G: 200, A: 255}, "blue": {B: 200, A: 255},
	}
}

// sees makes the vector of a text and, of a small picture, that of the name of
// its colour: what a model of texts and images does, for three words. Larger
// pictures, of which the probes are, are told apart by their bytes.
func sees(vector func(string) []float32) func(string) []float32 {
	return func(input string) []float32 {
		picture, _, err := image.Decode(strings.NewReader(input))
		if err != nil || picture.Bounds().Dx() > 64 {
			return vector(input)
		}
		r, g, b, _ := picture.At(picture.Bounds().Dx()/2, picture.Bounds().Dy()/2).RGBA()
		switch max(r, g, b) {
		case r:
			return vector("red")
		case g:
			return vector("green")
		}
		return vector("blue")
	}
}

// shows reports whether a text has a word, or a picture is of a colour.
func shows(input, word string) bool {
	colour := ""
	sees(func(seen string) []float32 {
		colour = seen
		return nil
	})(input)
	return colour == word || strings.Contains(input, " "+word)
}

// drawPicture returns a picture of one colour as a file; ending says of which
// format.
func drawPicture(ts *testscript.TestScript, colour, ending string) []byte {
	fill, ok := colours()[colour]
	if !ok {
		ts.Fatalf("no colour %q", colour)
	}
	picture := image.NewRGBA(image.Rect(0, 0, 16, 16))
	for i := 0; i < len(picture.Pix); i += 4 {
		picture.Pix[i], picture.Pix[i+1], picture.Pix[i+2], picture.Pix[i+3] = fill.R, fill.G, fill.B, fill.A
	}
	var out bytes.Buffer
	if ending == ".png" {
		ts.Check(png.Encode(&out, picture))
	} else {
		ts.Check(jpeg.Encode(&out, picture, nil))
	}
	return out.Bytes()
}

func writePicture(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: picture FILE COLOUR")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), drawPicture(ts, args[1], filepath.Ext(args[0])), 0o600))
}

// writePictures makes a Parquet file with the columns id, of integers from 0,
// and photo, of bytes: pictures, or for a word that is no colour the word.
func writePictures(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: parquet FILE COLOUR...")
	}
	ids, photos := make([]int64, 0, len(args)), make([]arrow.ByteArray, 0, len(args))
	for i, word := range args[1:] {
		photo := []byte(word)
		if _, ok := colours()[word]; ok {
			photo = drawPicture(ts, word, ".jpg")
		}
		ids, photos = append(ids, int64(i)), append(photos, photo)
	}
	root, err := schema.NewGroupNode("schema", arrow.Repetitions.Required, schema.FieldList{
		schema.NewInt64Node("id", arrow.Repetitions.Required, -1),
		schema.NewByteArrayNode("photo", arrow.Repetitions.Required, -1),
	}, -1)
	ts.Check(err)
	var out bytes.Buffer
	w := file.NewParquetWriter(&out, root)
	group := w.AppendRowGroup()
	column, err := group.NextColumn()
	ts.Check(err)
	_, err = column.(*file.Int64ColumnChunkWriter).WriteBatch(ids, nil, nil)
	ts.Check(err)
	ts.Check(column.Close())
	column, err = group.NextColumn()
	ts.Check(err)
	_, err = column.(*file.ByteArrayColumnChunkWriter).WriteBatch(photos, nil, nil)
	ts.Check(err)
	ts.Check(column.Close())
	ts.Check(group.Close())
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), out.Bytes(), 0o600))
}

// embedded compares how many inputs a stub was sent and embedded, those of
// probes included.
func embedded(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: embedded NAME N")
	}
	want, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	if got := stubs(ts)[args[0]].inputs(); got != want {
		ts.Fatalf("%s embedded %d inputs, want %d", args[0], got, want)
	}
}
