package qdrant

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
)

// dialHere connects to this machine only, and through no proxy. The address is
// looked at that is dialled: a resolver may give any for the name localhost.
func dialHere(ctx context.Context, address string) (net.Conn, error) {
	dialer := net.Dialer{ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		if to, err := netip.ParseAddrPort(address); err != nil || !to.Addr().Unmap().IsLoopback() {
			return errors.New("the host is not this machine, and the API key would cross the network unencrypted")
		}
		return nil
	}}
	return dialer.DialContext(ctx, "tcp", address)
}
