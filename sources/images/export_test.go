package images

import (
	"crypto/x509"
	"net/http"
)

// Trust makes the loader take certificates that the pool vouches for.
func (l *Loader) Trust(pool *x509.CertPool) {
	if transport, ok := l.client.Transport.(*http.Transport); ok {
		transport.TLSClientConfig.RootCAs = pool
	}
}
