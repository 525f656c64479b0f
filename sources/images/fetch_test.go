package images_test

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vecload/vecload/pipeline"
	"github.com/vecload/vecload/sources/images"
)

func origin() pipeline.Origin { return pipeline.Origin{File: "docs.jsonl", Row: 3} }

// local allows this machine, which [images.Public] does not.
func local(address netip.Addr) bool { return address.IsLoopback() }

// serve answers by path, and counts the requests.
func serve(t *testing.T, handlers map[string]http.HandlerFunc) (url string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if handle, ok := handlers[r.URL.Path]; ok {
			handle(w, r)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func image(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "image/jpeg")
	_, _ = w.Write([]byte("image"))
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	}
}

func TestAddressesAreFetchedWhenTheyAreAllowed(t *testing.T) {
	t.Parallel()
	url, asked := serve(t, map[string]http.HandlerFunc{
		"/a.jpg": image,
		"/octets": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "binary/octet-stream")
			_, _ = w.Write([]byte("image"))
		},
		"/1": redirect("/2"), "/2": redirect("/3"), "/3": redirect("/a.jpg"),
	})
	l := loader(t, images.Options{URLs: true, Allow: local})
	for _, path := range []string{"/a.jpg", "/a.jpg?x=1#y", "/octets", "/1"} {
		if data, err := l.Load(t.Context(), pipeline.Image{Ref: url + path}, origin()); err != nil || data != "image" {
			t.Errorf("%s: got %q and %v", path, data, err)
		}
	}
	before := asked.Load()
	rejected(t, loader(t, images.Options{Allow: local}), url+"/a.jpg", origin(), "addresses are not fetched")
	if asked.Load() != before {
		t.Error("an address was fetched though addresses are not allowed")
	}
}

func TestThisMachineIsNotAskedByDefault(t *testing.T) {
	t.Parallel()
	url, asked := serve(t, map[string]http.HandlerFunc{"/a.jpg": image})
	port := url[strings.LastIndex(url, ":"):]
	l := loader(t, images.Options{URLs: true, Tries: 1})
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "127.1.2.3"} {
		rejected(t, l, "http://"+host+port+"/a.jpg", origin(), "the host is not of the public internet")
	}
	// Forms that some resolvers take for 127.0.0.1.
	for _, host := range []string{"2130706433", "0x7f000001", "0177.0.0.1", "127.1"} {
		rejected(t, l, "http://"+host+port+"/a.jpg", origin(), "")
	}
	if asked.Load() > 0 {
		t.Errorf("this machine was asked %d times", asked.Load())
	}
}

func TestPrivateNetworksAndMetadataAreNotAsked(t *testing.T) {
	t.Parallel()
	l := loader(t, images.Options{URLs: true, Tries: 1, Timeout: 10 * time.Second})
	for _, host := range []string{
		"10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192",
		"224.0.0.1", "255.255.255.255", "[fd00:ec2::254]", "[fe80::1]", "[ff02::1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]",
	} {
		rejected(t, l, "http://"+host+"/latest/meta-data", origin(), "the host is not of the public internet")
	}
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "192.0.1.1", "168.63.129.17", "2606:4700::1111", "::ffff:1.1.1.1", "2a00::1"} {
		if !images.Public(netip.MustParseAddr(s)) {
			t.Errorf("%s is taken for private", s)
		}
	}
	for _, s := range []string{
		"0.0.0.0", "127.0.0.1", "10.255.255.255", "100.64.0.1", "169.254.169.254", "172.31.255.255", "192.168.0.1", "192.0.2.1", "198.18.0.1",
		"198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16",
		"::", "::1", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "64:ff9b::1.1.1.1", "2001::1", "2001:db8::1", "2002::1", "3fff::1", "100::1",
	} {
		if images.Public(netip.MustParseAddr(s)) {
			t.Errorf("%s is taken for public", s)
		}
	}
	if images.Public(netip.Addr{}) {
		t.Error("no address is taken for public")
	}
}

func TestRedirectsAreCheckedLikeTheFirstAddress(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, map[string]http.HandlerFunc{
		"/meta": redirect("http://169.254.169.254/latest/meta-data"),
		"/file": redirect("file:///etc/passwd"),
		"/user": redirect("http://user:password@127.0.0.1/"),
		"/1":    redirect("/2"), "/2": redirect("/3"), "/3": redirect("/4"), "/4": redirect("/5"), "/5": image,
		"/loop": redirect("/loop"),
	})
	l := loader(t, images.Options{URLs: true, Allow: local, Tries: 1})
	rejected(t, l, url+"/meta", origin(), "the host is not of the public internet")
	rejected(t, l, url+"/file", origin(), "is no http or https address")
	rejected(t, l, url+"/user", origin(), "holds a user name or a password")
	rejected(t, l, url+"/1", origin(), "is behind more than 3 redirects")
	rejected(t, l, url+"/loop", origin(), "is behind more than 3 redirects")
}

func TestANameIsCheckedAtEachConnection(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, map[string]http.HandlerFunc{
		"/1": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "close")
			redirect("/2")(w, r)
		},
		"/2": image,
	})
	var asked atomic.Int64
	l := loader(t, images.Options{URLs: true, Tries: 1, Allow: func(netip.Addr) bool { return asked.Add(1) == 1 }})
	rejected(t, l, url+"/1", origin(), "the host is not of the public internet")
	if asked.Load() != 2 {
		t.Errorf("the address was checked %d times, want 2: for each connection", asked.Load())
	}
}

func TestNothingIsSentThatIsNotForTheHost(t *testing.T) {
	t.Parallel()
	var headers []http.Header
	second, _ := serve(t, map[string]http.HandlerFunc{"/b.jpg": func(w http.ResponseWriter, r *http.Request) {
		headers = append(headers, r.Header.Clone())
		image(w, r)
	}})
	first, _ := serve(t, map[string]http.HandlerFunc{"/a.jpg": func(w http.ResponseWriter, r *http.Request) {
		headers = append(headers, r.Header.Clone())
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "x"})
		redirect(second+"/b.jpg")(w, r)
	}})
	l := loader(t, images.Options{URLs: true, Allow: local})
	for range 2 {
		if _, err := l.Load(t.Context(), pipeline.Image{Ref: first + "/a.jpg?signature=secret"}, origin()); err != nil {
			t.Fatal(err)
		}
	}
	rejected(t, l, strings.Replace(first, "//", "//user:password@", 1)+"/a.jpg", origin(), "holds a user name or a password, which are not sent")
	if len(headers) != 4 {
		t.Fatalf("got %d requests, want 4", len(headers))
	}
	for _, h := range headers {
		for _, name := range []string{"Authorization", "Cookie", "Referer"} {
			if h.Get(name) != "" {
				t.Errorf("the header %s was sent: %s", name, h.Get(name))
			}
		}
	}
}

func TestHTTPSIsNotLeftForClearText(t *testing.T) {
	t.Parallel()
	plain, asked := serve(t, map[string]http.HandlerFunc{"/a.jpg": image})
	secure := httptest.NewTLSServer(redirect(plain + "/a.jpg"))
	t.Cleanup(secure.Close)
	l := loader(t, images.Options{URLs: true, Allow: local, Tries: 1})
	rejected(t, l, secure.URL+"/x", origin(), "the certificate of the host is not valid")
	pool := x509.NewCertPool()
	pool.AddCert(secure.Certificate())
	l.Trust(pool)
	rejected(t, l, secure.URL+"/x", origin(), "is redirected from https to clear text")
	if asked.Load() > 0 {
		t.Error("the redirect was followed")
	}
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, map[string]http.HandlerFunc{
		"/said": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000000")
			w.WriteHeader(http.StatusOK)
		},
		"/never": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1000)); err != nil {
					return
				}
			}
		},
		"/headers": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
			image(w, r)
		},
		"/slow": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
	})
	l := loader(t, images.Options{URLs: true, Allow: local, Tries: 1, MaxBytes: 10_000, Timeout: 500 * time.Millisecond})
	rejectedAfter(t, l, url+"/said", "has 1000000 bytes, 10000 are allowed")
	rejectedAfter(t, l, url+"/never", "has more than the 10000 bytes that are allowed")
	rejectedAfter(t, l, url+"/headers", "the connection failed")
	rejectedAfter(t, l, url+"/slow", "the host did not send it within 500ms")
}

// rejectedAfter checks a refusal of an image without a hang.
func rejectedAfter(t *testing.T, l *images.Loader, ref, want string) {
	t.Helper()
	start := time.Now()
	rejected(t, l, ref, origin(), want)
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("%s: took %s", ref, took)
	}
}

func TestWhatIsNoImageIsNamed(t *testing.T) {
	t.Parallel()
	handlers := map[string]http.HandlerFunc{
		"/page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte("<p>secret</p>"))
		},
		"/empty": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "image/png") },
	}
	for _, status := range []int{204, 206, 304, 400, 401, 403, 404, 410, 451} {
		handlers["/"+strconv.Itoa(status)] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	url, asked := serve(t, handlers)
	l := loader(t, images.Options{URLs: true, Allow: local})
	rejected(t, l, url+"/page?token=secret", origin(), `the answer is "text/html; charset=utf-8", no image`)
	rejected(t, l, url+"/empty", origin(), "is empty")
	for path := range handlers {
		if status, err := strconv.Atoi(path[1:]); err == nil {
			rejected(t, l, url+path, origin(), "the server answers "+strconv.Itoa(status))
		}
	}
	if int(asked.Load()) != len(handlers) {
		t.Errorf("got %d requests, want one each of %d: none of this passes", asked.Load(), len(handlers))
	}
	_, err := l.Load(t.Context(), pipeline.Image{Ref: url + "/404?token=secret"}, origin())
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v, want an error without the query", err)
	}
}

func TestAFailureThatMayPassIsTriedAgain(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	url, asked := serve(t, map[string]http.HandlerFunc{
		"/later": func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) == 1 {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			image(w, r)
		},
		"/never": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
	})
	l := loader(t, images.Options{URLs: true, Allow: local, Tries: 2})
	if data, err := l.Load(t.Context(), pipeline.Image{Ref: url + "/later"}, origin()); err != nil || data != "image" || asked.Load() != 2 {
		t.Errorf("got %q and %v after %d requests, want an image after 2", data, err, asked.Load())
	}
	rejected(t, l, url+"/never", origin(), "the server answers 502 Bad Gateway")
	if asked.Load() != 4 {
		t.Errorf("got %d requests, want 2 more", asked.Load()-2)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Load(ctx, pipeline.Image{Ref: url + "/later"}, origin()); err != context.Canceled { //nolint:errorlint // the error itself is promised
		t.Errorf("got %v, want the context's error", err)
	}
}
