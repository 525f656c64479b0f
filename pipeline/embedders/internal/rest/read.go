package rest

import (
	"bytes"
	"io"
	"net/http"
	"slices"
)

const byteOrderMark = "\ufeff"

// believed bounds the memory that is set aside for an answer because its
// header says so; beyond that it grows with what comes.
const believed = 4 << 20

// read takes in the body of a response, bounded after decompression.
func (c *Client) read(op string, response *http.Response, limit int64) (*Answer, error) {
	success := response.StatusCode == http.StatusOK
	if !success {
		limit = maxError
	}
	size := int64(bytes.MinRead)
	if length := response.ContentLength; length > 0 {
		size += min(length, limit, believed)
	}
	body, err := readAll(c.answers.get(int(size)), response.Body, limit)
	switch {
	case success && int64(len(body)) > limit:
		return nil, c.tooLong(op, response.Request.Method, limit)
	case err != nil && success:
		return nil, err
	}
	return &Answer{
		Op:     op,
		Status: response.StatusCode,
		Header: response.Header,
		// RFC 8259, section 8.1: none should be sent, and none need harm.
		Body:   bytes.TrimPrefix(body[:min(int64(len(body)), limit)], []byte(byteOrderMark)),
		memory: body,
		owner:  &c.answers,
	}, nil
}

// readAll appends what from holds to dst, one byte more than limit at most.
func readAll(dst []byte, from io.Reader, limit int64) ([]byte, error) {
	for int64(len(dst)) <= limit {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, max(len(dst), bytes.MinRead))
		}
		room := min(int64(cap(dst)), limit+1)
		n, err := from.Read(dst[len(dst):room])
		dst = dst[:len(dst)+n]
		if err == io.EOF {
			return dst, nil // One that is wrapped is no end, but a connection that broke.
		}
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}
