package main

import "testing"

func TestLinesOfTheAPIFiles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ line, path, symbol string }{
		{"pkg io, func Copy(Writer, Reader) (int64, error)", "io", "Copy"},
		{"pkg net/http, method (*Client) Do(*Request) (*Response, error)", "net/http", "Client.Do"},
		{"pkg time, method (Time) Add(Duration) Time", "time", "Time.Add"},
		{"pkg sync/atomic, method (*Pointer[$0]) Load() *$0 #50860", "sync/atomic", "Pointer.Load"},
		{"pkg sync/atomic, type Pointer[$0 interface{}] struct", "sync/atomic", "Pointer"},
		{"pkg net/http, type Client struct, Timeout time.Duration", "net/http", "Client"},
		{"pkg syscall (linux-386), const AF_ALG = 38", "syscall", "AF_ALG"},
		{"pkg syscall (linux-386), const AF_ALG ideal-int", "syscall", "AF_ALG"},
		{"pkg os, var Args []string", "os", "Args"},
	} {
		path, symbol, ok := parseAPI(tt.line)
		if !ok || path != tt.path || symbol != tt.symbol {
			t.Errorf("parseAPI(%q) = %q, %q, %v, want %q, %q", tt.line, path, symbol, ok, tt.path, tt.symbol)
		}
	}
	for _, line := range []string{"", "pkg", "pkg io", "# comment", "pkg io, method broken"} {
		if path, symbol, ok := parseAPI(line); ok {
			t.Errorf("parseAPI(%q) = %q, %q, want that it is refused", line, path, symbol)
		}
	}
}
