package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// authority signs certificates that a child trusts by SSL_CERT_FILE.
type authority struct {
	file string // its own certificate
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority of a test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	a := authority{file: filepath.Join(t.TempDir(), "authority.pem"), key: key}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(a.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

// sign makes a certificate for hosts, which is valid until a time.
func (a authority) sign(t *testing.T, until time.Time, hosts ...string) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: until.Add(-2 * time.Hour), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// quiet is a logger of servers whose clients are expected to leave.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// internet is what a child takes for the internet: a proxy, behind which every
// host is one handler. It notes who was connected to.
type internet struct {
	*authority

	proxy string // host:port

	mutex sync.Mutex
	asked []string // host:port of each connection, or the address of a request in clear text
	seen  []http.Header
}

// newInternet serves all of hosts over TLS with handler. refuse says what the
// proxy answers to a connection, "" lets it pass.
func newInternet(t *testing.T, handler http.Handler, refuse func(*http.Request) string, hosts ...string) *internet {
	t.Helper()
	a := newAuthority(t)
	all := &internet{authority: &a}
	behind := httptest.NewUnstartedServer(handler)
	behind.TLS = &tls.Config{Certificates: []tls.Certificate{a.sign(t, time.Now().Add(time.Hour), hosts...)}, MinVersion: tls.VersionTLS12}
	behind.Config.ErrorLog = quiet()
	behind.StartTLS()
	t.Cleanup(behind.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all.mutex.Lock()
		all.asked, all.seen = append(all.asked, r.RequestURI), append(all.seen, r.Header.Clone())
		all.mutex.Unlock()
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		if answer := refuse(r); answer != "" || r.Method != http.MethodConnect {
			_, _ = io.WriteString(conn, answer)
			return
		}
		server, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", behind.Listener.Addr().String())
		if err != nil {
			return
		}
		defer func() { _ = server.Close() }()
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		both := sync.WaitGroup{}
		both.Go(func() { _, _ = io.Copy(server, conn); _ = server.Close() })
		_, _ = io.Copy(conn, server)
		_ = conn.Close()
		both.Wait()
	}))
	t.Cleanup(proxy.Close)
	all.proxy = proxy.Listener.Addr().String()
	return all
}

// hosts are those that were connected to, each once, in order.
func (i *internet) hosts() []string {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return slices.Compact(slices.Sorted(slices.Values(i.asked)))
}

// headers are those of all requests to the proxy.
func (i *internet) headers() []http.Header {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return slices.Clone(i.seen)
}
