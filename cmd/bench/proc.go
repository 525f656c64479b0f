package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// memory is what Linux says of a process's memory, in bytes. Elsewhere it is
// zero.
type memory struct {
	rss  int64 // resident, files included
	anon int64 // resident without files: heap, stacks, what SQLite allocates
	peak int64 // the most that was resident so far
}

// memoryOf reads /proc/PID/status. The peak comes from there, since the one
// of getrusage includes the process that started the program.
func memoryOf(pid int) memory {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return memory{}
	}
	return memory{rss: kilobytes(status, "VmRSS"), anon: kilobytes(status, "RssAnon"), peak: kilobytes(status, "VmHWM")}
}

// kilobytes returns the number of bytes in a line such as "VmRSS:  12 kB".
func kilobytes(status []byte, name string) int64 {
	for line := range bytes.Lines(status) {
		value, ok := bytes.CutPrefix(line, []byte(name+":"))
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(string(value)), " kB"), 10, 64)
		if err != nil {
			return 0
		}
		return n << 10
	}
	return 0
}

// cpuOf returns how many seconds of CPU time a process has used, where Linux
// tells; the kernel counts hundredths there (USER_HZ).
func cpuOf(pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	return cpuIn(status)
}

// cpuIn reads the fields utime and stime, numbers 14 and 15 in proc(5). The
// second is the program's name in parentheses, which may hold anything.
func cpuIn(status []byte) float64 {
	fields := bytes.Fields(status[bytes.LastIndexByte(status, ')')+1:])
	if len(fields) < 13 {
		return 0
	}
	user, err1 := strconv.ParseInt(string(fields[11]), 10, 64)
	system, err2 := strconv.ParseInt(string(fields[12]), 10, 64)
	if err1 != nil || err2 != nil {
		return 0
	}
	return float64(user+system) / 100
}

// positionIn returns how many bytes of a file a process has read, if it reads
// it from front to back, as JSON lines are read.
func positionIn(pid int, file string) (int64, bool) {
	links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		return 0, false
	}
	for _, link := range links {
		if target, err := os.Readlink(link); err != nil || target != file {
			continue
		}
		info, err := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%s", pid, filepath.Base(link)))
		if err != nil {
			return 0, false
		}
		_, rest, _ := bytes.Cut(info, []byte("pos:"))
		line, _, _ := bytes.Cut(rest, []byte("\n"))
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
		return n, err == nil
	}
	return 0, false
}

// machine is where measurements were made.
type machine struct {
	System  string `json:"system"`
	CPU     string `json:"cpu,omitempty"`
	Cores   int    `json:"cores"`
	Memory  int64  `json:"memory_bytes,omitempty"`
	Go      string `json:"go"` // of this program; the Makefile builds both alike
	Vecload string `json:"vecload"`
}

func thisMachine(vecload string) machine {
	m := machine{
		System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(),
		Go: runtime.Version(), Vecload: vecload,
	}
	if info, err := os.ReadFile("/proc/meminfo"); err == nil {
		m.Memory = kilobytes(info, "MemTotal")
	}
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		defer f.Close() //nolint:errcheck // opened for reading; nothing can be lost
		for lines := bufio.NewScanner(f); lines.Scan() && m.CPU == ""; {
			if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
				m.CPU = strings.TrimSpace(value)
			}
		}
	}
	return m
}

func (m machine) String() string {
	return fmt.Sprintf("%s, %d cores, %s, %d GiB, %s, vecload %s", m.CPU, m.Cores, m.System, (m.Memory+1<<29)>>30, m.Go, m.Vecload)
}
