package pipeline

import "strconv"

// Document is one record of a source. It is not changed once it was yielded.
type Document struct {
	// ID is stable across runs; the ids of points derive from it.
	ID string
	// Text is what is embedded, as one chunk or as several. "" when the
	// document has an image only.
	Text string
	// Image is embedded by models of images; most documents have none.
	Image Image
	// Payload is copied into every point of the document. Names are unique.
	Payload []Field
	// Origin is where the document was read.
	Origin Origin
}

// Image is a picture that a document carries: an image file's bytes, or where
// they are. At most one of the two is set, neither when there is no image.
// What is only named is read when its vector is made, so that images that
// wait take no memory.
type Image struct {
	// Data is an image file as the record holds it, of whatever format. It is
	// neither decoded nor checked.
	Data string
	// Ref is a path or an http or https address, as the record has it.
	Ref string
}

// IsZero reports whether there is no image.
func (i Image) IsZero() bool { return i == Image{} }

// Origin is the place of a record, for messages and rejects.
type Origin struct {
	File string // as the user named it; "-" is standard input
	Row  int64  // 1 for the first record; in JSONL the line number
}

// String gives "file:row", which terminals and editors make clickable.
func (o Origin) String() string {
	if o.Row == 0 {
		return o.File
	}
	return o.File + ":" + strconv.FormatInt(o.Row, 10)
}

// Chunk is a piece of a document's text, or its image.
type Chunk struct {
	Doc   *Document
	Index int    // 0 for the first chunk of its document in its lane
	Count int    // number of chunks of the document in its lane
	Text  string // never empty, but for an image
	Image bool   // it is the image of the document

	lane    int      // place of the lane in its run
	made    Made     // what its point is made from; zero until it is known
	tracked *tracked // where the engine settles the document; nil elsewhere
}

// bytes is how much of a batch's bytes the chunk takes.
func (c *Chunk) bytes() int {
	if c.Image {
		return len(c.Doc.Image.Data)
	}
	return len(c.Text)
}

// held is the chunk's share of what its document takes.
func (c *Chunk) held() int {
	if c.tracked == nil {
		return 0
	}
	return c.tracked.share
}

// Batch holds the chunks that are sent in one request.
type Batch struct {
	Chunks []Chunk
	Tokens int // sum over the chunks, by the run's token counter
}
