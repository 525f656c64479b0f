// Package imaging makes of any image file one that every embedding server
// takes: decoded in full, upright, without transparency, small, and encoded
// anew. A file that cannot be decoded is rejected here, since there are
// servers that a corrupt image stops for good.
//
// The package is pure: it reads no file and asks no server. Limits are checked
// before a pixel is decoded, and what decoders hold at one time is bounded for
// all callers together.
package imaging
