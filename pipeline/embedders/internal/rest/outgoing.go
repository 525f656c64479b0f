package rest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// outgoing is the body of one request. The transport may read it for some time
// after the answer came, or after it gave up; written tells whether it is done.
type outgoing struct {
	bytes []byte
	// wrote counts how often the request went out as a whole, and again how
	// often it was to be sent again over another connection.
	wrote, again atomic.Int32
}

// watched returns a context that tells when the request is written.
func (o *outgoing) watched(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(info httptrace.WroteRequestInfo) {
		if info.Err == nil {
			o.wrote.Add(1)
		}
	}})
}

// of makes it the body of a request. It is read from memory, which lets the
// transport send header and body in one piece.
func (o *outgoing) of(request *http.Request) {
	request.ContentLength = int64(len(o.bytes))
	request.Body = io.NopCloser(bytes.NewReader(o.bytes))
	request.GetBody = func() (io.ReadCloser, error) {
		o.again.Add(1)
		return io.NopCloser(bytes.NewReader(o.bytes)), nil
	}
}

// written reports whether it was sent once, as a whole, so that nobody reads
// it any more.
func (o *outgoing) written() bool { return o.wrote.Load() == 1 && o.again.Load() == 0 }
