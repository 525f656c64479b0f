// Package images reads the images that documents only name: files beside the
// corpus, and, where it is allowed, http and https addresses.
//
// A corpus is written by others. What it names is read as if they asked for
// it: a path never leads out of its folder, an address never into a private
// network, and neither gives more than a bounded number of bytes. The list of
// threats, with the test of each, is docs/images.md.
package images

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/vecload/vecload/pipeline"
)

// Options say what a loader may read.
type Options struct {
	// Folder is where paths are read; "" is the folder of the file whose
	// record names the path, and of standard input the one where the program
	// runs.
	Folder string
	// URLs allows http and https addresses.
	URLs bool
	// MaxBytes bounds an image; 0 is 20 MiB.
	MaxBytes int64
	// Timeout bounds one request with all its redirects; 0 is 30 seconds.
	Timeout time.Duration
	// Tries is how often an address is asked whose server fails for a reason
	// that may pass; 0 is 3.
	Tries int
	// Allow tells which addresses may be connected to; nil is [Public].
	Allow func(netip.Addr) bool
}

// Loader reads images. It may be used from several goroutines.
type Loader struct {
	options Options
	client  *http.Client
}

// New returns a loader, or an error of class Misconfigured: a folder that is
// none, a negative limit.
func New(o Options) (*Loader, error) {
	if o.MaxBytes < 0 || o.Timeout < 0 || o.Tries < 0 {
		return nil, misconfigured("images", "limits must not be negative")
	}
	if o.Folder != "" {
		switch info, err := os.Stat(o.Folder); {
		case err != nil:
			return nil, misconfigured(o.Folder, "the folder of images does not exist or cannot be read")
		case !info.IsDir():
			return nil, misconfigured(o.Folder, "is no folder")
		}
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 20 << 20
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Tries == 0 {
		o.Tries = 3
	}
	if o.Allow == nil {
		o.Allow = Public
	}
	return &Loader{options: o, client: newClient(o)}, nil
}

// Load returns the bytes of a document's image, which nobody has decoded yet.
// origin is where the document was read.
//
// An image that is not there, may not be read or is too large is an error of
// class Rejected that names the origin and the image, without the query of an
// address. A failing disk is of class Fatal. A call that is cut short by ctx
// returns the context's error.
func (l *Loader) Load(ctx context.Context, image pipeline.Image, origin pipeline.Origin) (string, error) {
	var data string
	var err error
	shown := ""
	switch scheme := schemeOf(image.Ref); {
	case image.Ref == "" && int64(len(image.Data)) > l.options.MaxBytes:
		err = l.tooLarge(int64(len(image.Data)))
	case image.Ref == "":
		data = image.Data
	case scheme == "":
		shown = clip(image.Ref)
		data, err = l.file(image.Ref, origin)
	case scheme != "http" && scheme != "https":
		shown = clip(image.Ref)
		err = refused(fmt.Sprintf("images are not read from %s://", clip(scheme)))
	default:
		shown, data, err = l.address(ctx, image.Ref)
	}
	if err == nil && data == "" {
		err = refused("is empty")
	}
	if err == nil {
		return data, nil
	}
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	return "", l.failure(err, shown, origin)
}

// Close lets go of connections that are kept for further requests.
func (l *Loader) Close() { l.client.CloseIdleConnections() }

// schemeOf returns the scheme of an address in small letters, "" of a path.
func schemeOf(ref string) string {
	scheme, _, ok := strings.Cut(ref, "://")
	if !ok || strings.ContainsAny(scheme, `/\`) {
		return ""
	}
	return strings.ToLower(scheme)
}

// refusal is a reason that will not pass.
type refusal struct{ why, hint string }

// Error implements error.
func (r refusal) Error() string { return r.why }

func refused(why string) error { return refusal{why: why} }

func (l *Loader) tooLarge(size int64) error {
	if size < 0 {
		return refused(fmt.Sprintf("has more than the %d bytes that are allowed", l.options.MaxBytes))
	}
	return refused(fmt.Sprintf("has %d bytes, %d are allowed", size, l.options.MaxBytes))
}

// failure gives an error its class, its place and the name of the image.
func (l *Loader) failure(err error, shown string, origin pipeline.Origin) error {
	if shown != "" {
		shown = " " + shown
	}
	failed := &pipeline.Error{Op: origin.String(), Class: pipeline.Rejected}
	final, ok := errors.AsType[refusal](err)
	switch {
	case ok:
		failed.Hint = final.hint
	case pipeline.Classify(err) != pipeline.Transient:
		failed.Class = pipeline.Fatal
	}
	failed.Err = fmt.Errorf("image%s: %w", shown, err)
	return failed
}

// Named puts the name of an image before what is wrong with it. An address is
// shown without what may be a secret in it.
func Named(image pipeline.Image, err error) error {
	shown := clip(image.Ref)
	switch u, parsed := url.Parse(image.Ref); {
	case image.Ref == "" || IsAddress(image.Ref) && parsed != nil:
		return err
	case IsAddress(image.Ref):
		shown = shownAddress(u)
	}
	return fmt.Errorf("image %s: %w", shown, err)
}

func misconfigured(op, why string) error {
	return &pipeline.Error{Op: op, Class: pipeline.Misconfigured, Err: errors.New(why)}
}

// clip shortens what a message shows of a record, and keeps it on one line.
func clip(s string) string {
	const most = 200
	if len(s) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return fmt.Sprintf("%q", s)
}

// IsAddress reports whether the name of an image is an http or https address,
// which is fetched, and not a path.
func IsAddress(ref string) bool {
	scheme := schemeOf(ref)
	return scheme == "http" || scheme == "https"
}
