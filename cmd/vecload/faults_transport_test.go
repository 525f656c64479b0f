package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

func silent() *log.Logger { return log.New(io.Discard, "", 0) }

// The faults of this file are those of connections and of HTTP; they are alike
// for all protocols.

// hijacked gives a fault the connection.
func hijacked(fault func(conn net.Conn, x exchange)) func(exchange) {
	return func(x exchange) {
		conn, _, err := http.NewResponseController(x.w).Hijack()
		if err != nil {
			panic(err)
		}
		defer func() { _ = conn.Close() }()
		fault(conn, x)
	}
}

// reset ends a connection with RST, once what was sent has arrived.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}

// head is that of a success of so many bytes.
func head(size int, more ...string) string {
	lines := append([]string{"HTTP/1.1 200 OK", "Content-Type: application/json", "Content-Length: " + strconv.Itoa(size)}, more...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

func resetBefore() func(exchange) {
	return hijacked(func(conn net.Conn, _ exchange) { reset(conn) })
}

func closedBefore() func(exchange) {
	return hijacked(func(net.Conn, exchange) {})
}

func resetInBody() func(exchange) {
	return hijacked(func(conn net.Conn, x exchange) {
		fmt.Fprintf(conn, "%s%s", head(len(x.good)), x.good[:len(x.good)/2])
		reset(conn)
	})
}

func closedInBody() func(exchange) {
	return hijacked(func(conn net.Conn, x exchange) {
		fmt.Fprintf(conn, "%s%s", head(len(x.good)), x.good[:len(x.good)/2])
	})
}

// chunkedCutAfterJSON sends all of the JSON and no end: what follows might have
// made it another text.
func chunkedCutAfterJSON() func(exchange) {
	return hijacked(func(conn net.Conn, x exchange) {
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(x.good), x.good)
	})
}

// cutWithoutLength cuts an answer whose end is that of the connection, so that
// only its content tells that it is not whole.
func cutWithoutLength() func(exchange) {
	return hijacked(func(conn net.Conn, x exchange) {
		fmt.Fprintf(conn, "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n%s", x.good[:len(x.good)-2])
	})
}

func lengthTooLarge() func(exchange) {
	return hijacked(func(conn net.Conn, x exchange) { fmt.Fprintf(conn, "%s%s", head(len(x.good)+100), x.good) })
}

// lengthTooSmall leaves bytes in the connection that belong to no answer.
func lengthTooSmall() func(exchange) {
	return hijacked(func(conn net.Conn, x exchange) {
		fmt.Fprintf(conn, "%s%s", head(len(x.good)-30), x.good)
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		_, _ = io.Copy(io.Discard, conn)
	})
}

// closedAfter answers well and closes a connection that it said to keep.
func closedAfter() func(exchange) {
	return hijacked(func(conn net.Conn, x exchange) { fmt.Fprintf(conn, "%s%s", head(len(x.good)), x.good) })
}

func noHTTP() func(exchange) {
	return hijacked(func(conn net.Conn, _ exchange) { fmt.Fprint(conn, "SSH-2.0-OpenSSH_9.6\r\n") })
}

// endless writes a text until nobody reads it.
func endless(begin, text string) func(exchange) {
	more := []byte(strings.Repeat(text, 1+32<<10/len(text)))
	return hijacked(func(conn net.Conn, _ exchange) {
		_, err := io.WriteString(conn, begin)
		for err == nil {
			_, err = conn.Write(more)
		}
	})
}

func blackHole(x exchange) { <-x.r.Context().Done() }

func holeAfterHead(x exchange) {
	x.w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(x.w).Flush()
	<-x.r.Context().Done()
}

// slowDrip sends a byte now and then.
func slowDrip(x exchange) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for i := range x.good {
		select {
		case <-tick.C:
		case <-x.r.Context().Done():
			return
		}
		_, _ = x.w.Write(x.good[i : i+1])
		_ = http.NewResponseController(x.w).Flush()
	}
}

// continued sends 100 Continue and 103 Early Hints before a good answer.
func continued(x exchange) {
	x.w.WriteHeader(http.StatusContinue)
	x.w.WriteHeader(http.StatusEarlyHints)
	x.w.Header().Set("Content-Type", "application/json")
	_, _ = x.w.Write(x.good)
}

// status answers with a page of HTML.
func status(code int) func(exchange) {
	return func(x exchange) {
		x.w.Header().Set("Content-Type", "text/html")
		x.w.WriteHeader(code)
		if code != http.StatusNoContent {
			fmt.Fprintf(x.w, "<html><head><title>%d</title></head><body><h1>%d</h1><hr>nginx</body></html>", code, code)
		}
	}
}

// echoing repeats the request, token and all, in a failure.
func echoing(x exchange) {
	x.w.WriteHeader(http.StatusInternalServerError)
	_ = json.NewEncoder(x.w).Encode(map[string]string{
		"error": "cannot do " + string(x.sent[:min(len(x.sent), 200)]) + " for " + x.r.Header.Get("Authorization"),
	})
}

func redirect(target string, code int) func(exchange) {
	return func(x exchange) { http.Redirect(x.w, x.r, target+x.r.URL.Path+"?key=value", code) }
}

// zipped sends a good answer under gzip.
func zipped(x exchange) {
	x.w.Header().Set("Content-Type", "application/json")
	x.w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(x.w)
	_, _ = z.Write(x.good)
	_ = z.Close()
}

// bomb sends a gigabyte of numbers that gzip makes a megabyte of.
func bomb(x exchange) {
	x.w.Header().Set("Content-Type", "application/json")
	x.w.Header().Set("Content-Encoding", "gzip")
	member := eightMegabytes()
	for range 128 {
		if _, err := x.w.Write(member); err != nil {
			return
		}
	}
}

// eightMegabytes are a part of the bomb, compressed: gzip may consist of many.
var eightMegabytes = sync.OnceValue(func() []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(bytes.Repeat([]byte("[["), 4<<20))
	_ = z.Close()
	return out.Bytes()
})

// falselyZipped claims gzip for what is none.
func falselyZipped(x exchange) {
	x.w.Header().Set("Content-Encoding", "gzip")
	_, _ = x.w.Write(x.good)
}
