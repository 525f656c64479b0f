package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stuck is what a program says that is measured and does not end by itself.
const stuck = "the program runs"

// pretend is vecload as far as a measurement asks for it: it tells its
// version, and runs for ever.
func pretend(command string) {
	if command == "version" {
		fmt.Println(`{"version":"v0","commit":"none"}`)
		return
	}
	fmt.Fprintln(os.Stderr, stuck)
	<-time.After(time.Hour)
}

func TestASignalEndsTheProgramThatIsMeasuredToo(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no such signals")
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer read.Close() //nolint:errcheck // opened for reading; nothing can be lost
			if err := read.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), os.Args[0], //nolint:gosec // this very program
				"memory", "-vecload", os.Args[0], "-dir", t.TempDir(), "-sizes", "10", "-index", "qdrant")
			cmd.Stderr = write
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			_ = write.Close() // it is theirs
			said := bufio.NewReader(read)
			for line := ""; !strings.Contains(line, stuck); {
				if line, err = said.ReadString('\n'); err != nil {
					t.Fatalf("the measurement did not begin: %v", err)
				}
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			// The pipe ends when nobody holds it any more.
			if _, err := io.Copy(io.Discard, said); err != nil {
				t.Errorf("some process is still there: %v", err)
			}
			if err := cmd.Wait(); err == nil {
				t.Error("a measurement that was broken off ended well")
			}
		})
	}
}
