package images

import "net/netip"

// reserved are the parts of the address space that no image of the public
// internet is served from (IANA IPv4 and IPv6 Special-Purpose Address
// Registries), and the one public address that clouds answer on inside.
func reserved() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),        // this network
		netip.MustParsePrefix("10.0.0.0/8"),       // private
		netip.MustParsePrefix("100.64.0.0/10"),    // carrier-grade NAT; Alibaba's metadata
		netip.MustParsePrefix("127.0.0.0/8"),      // loopback
		netip.MustParsePrefix("168.63.129.16/32"), // Azure's host
		netip.MustParsePrefix("169.254.0.0/16"),   // link-local; metadata of most clouds
		netip.MustParsePrefix("172.16.0.0/12"),    // private
		netip.MustParsePrefix("192.0.0.0/24"),     // protocols; Oracle's metadata
		netip.MustParsePrefix("192.0.2.0/24"),     // documentation
		netip.MustParsePrefix("192.88.99.0/24"),   // 6to4 relays
		netip.MustParsePrefix("192.168.0.0/16"),   // private
		netip.MustParsePrefix("198.18.0.0/15"),    // benchmarks
		netip.MustParsePrefix("198.51.100.0/24"),  // documentation
		netip.MustParsePrefix("203.0.113.0/24"),   // documentation
		netip.MustParsePrefix("224.0.0.0/4"),      // multicast
		netip.MustParsePrefix("240.0.0.0/4"),      // reserved; broadcast
		// Of IPv6 only 2000::/3 is public. Within it:
		netip.MustParsePrefix("2001::/23"),     // protocols; Teredo, which holds an IPv4 address
		netip.MustParsePrefix("2001:db8::/32"), // documentation
		netip.MustParsePrefix("2002::/16"),     // 6to4, which holds an IPv4 address
		netip.MustParsePrefix("3fff::/20"),     // documentation
	}
}

// Public reports whether an address is one of the public internet: not
// loopback, private, link-local, multicast, shared or reserved, and not one at
// which a cloud tells a machine its secrets.
func Public(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	if !address.IsValid() || address.Is6() && !netip.MustParsePrefix("2000::/3").Contains(address) {
		return false
	}
	for _, prefix := range reserved() {
		if prefix.Contains(address) {
			return false
		}
	}
	return true
}
