// Package vectors turns the answers of embedding servers into vectors and
// checks them: numbers straight from the bytes of the answer into float32,
// with no value in between, or from base64.
//
// A row that no index could take (an element that is null, NaN or beyond the
// range of float32, a row that is missing, a row of zeros) fails alone, with
// class Rejected; the vectors of the other rows come with a
// [pipeline.PartialError]. An answer whose shape is wrong fails as a whole.
package vectors
