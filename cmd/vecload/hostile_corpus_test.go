package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestARecordIsTextWhateverItSays(t *testing.T) {
	t.Parallel()
	c := newPlace(t, "SECRET=of-the-environment")
	said := []string{
		"${SECRET} $SECRET %SECRET% $(id) `id`", "{{.id}} {{env \"SECRET\"}} {{call .x}}", "file:/etc/passwd", "*alias &anchor !tag", "<script>alert(1)</script> &lt;",
		"'); DROP TABLE points; DROP TABLE meta; --", `" OR 1=1; DELETE FROM points_1; --`, "../../outside", "--json -c /etc/passwd", "-",
	}
	lines := ""
	for _, text := range said {
		line, err := json.Marshal(map[string]any{"id": text, "text": text, "meta": map[string]string{text: text}})
		if err != nil {
			t.Fatal(err)
		}
		lines += string(line) + "\n"
	}
	c.put(t, "docs.jsonl", lines)
	run := []string{"docs.jsonl", "--id", "id", "--text", "{{.text}}", "--payload", "*", "--hybrid"}
	c.vecload(t, append([]string{"run"}, run...)...).want(t, exitDone)
	c.vecload(t, append([]string{"verify"}, run...)...).want(t, exitDone)
	for _, text := range said {
		r := c.vecload(t, "search", "--json", "--hybrid", "-k", "1", "--", text)
		var hits []struct {
			Document, Text string
			Payload        struct{ Meta map[string]string }
		}
		if err := json.Unmarshal([]byte(r.stdout), &hits); err != nil || len(hits) != 1 || hits[0].Document != text || hits[0].Text != text || hits[0].Payload.Meta[text] != text {
			t.Errorf("%q became %v, %v\n%s", text, hits, err, r.all())
		}
	}
	if entries, err := os.ReadDir(filepath.Dir(c.dir)); err != nil || len(entries) != 2 {
		t.Errorf("files were made outside: %v, %v", entries, err)
	}
}

func TestATemplateReachesNothingButTheRecord(t *testing.T) {
	t.Parallel()
	c := newPlace(t, "SECRET=of-the-environment")
	c.put(t, "docs.jsonl", "{\"id\":\"a\",\"text\":\"one\",\"list\":[1,2,3]}\n")
	for _, template := range []string{
		`{{env "SECRET"}}`, `{{readFile "/etc/passwd"}}`, `{{include "/etc/passwd"}}`, `{{call .text}}`, `{{html .text}}`, `{{js .text}}`, `{{urlquery .text}}`,
		`{{slice .text 0 1}}`, `{{print .text}}`, `{{template "a"}}`, `{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`, `{{block "a" .}}{{end}}`,
		`{{printf "%999999999d" 1}}`, `{{printf "%*d" 999999999 1}}`, `{{printf "%.999999999f" 1.0}}`, `{{printf .text}}`, `{{printf "%p" .text}}`,
		`{{range 999999999999}}x{{end}}`, `{{while true}}{{end}}`, `{{.text.String}}`, `{{.}}`, strings.Repeat("{{if .text}}", 5_000),
	} {
		r := c.vecload(t, "run", "docs.jsonl", "--text", template)
		if r.code == exitDone || strings.Contains(r.all(), "of-the-environment") || strings.Contains(r.all(), "goroutine ") {
			t.Errorf("%.60s: exit code %d\n%.2000s", template, r.code, r.all())
		}
	}
}

// addressed are images that are not for this program to read, or to send; %s
// is the port of a server of this machine.
func addressed() []string {
	return []string{
		"http://127.0.0.1:%s/a.png", "http://localhost:%s/a.png", "http://2130706433:%s/a.png", "http://0x7f000001:%s/a.png", "http://0177.0.0.1:%s/a.png",
		"http://127.1:%s/a.png", "http://0:%s/a.png", "http://0.0.0.0:%s/a.png", "http://[::1]:%s/a.png", "http://[::ffff:127.0.0.1]:%s/a.png", "http://[::]:%s/a.png",
		"http://[64:ff9b::7f00:1]:%s/a.png", "http://127.0.0.1.:%s/a.png", "HTTP://LOCALHOST:%s/a.png", "http://169.254.169.254/latest/meta-data/?%s",
		"http://user:password@127.0.0.1:%s/a.png", "http://10.0.0.1:%s/", "http://[fd00::1]:%s/", "ftp://127.0.0.1:%s/a.png", "gopher://127.0.0.1:%s/_x", "file:///etc/passwd?%s",
		"https://127.0.0.1:%s/a.png", "//127.0.0.1:%s/a.png", "http:127.0.0.1:%s", "unix:///run/socket:%s", "jar:http://127.0.0.1:%s!/a.png",
	}
}

func TestNoImageLeadsIntoTheMachineOrItsNetwork(t *testing.T) {
	t.Parallel()
	var fetched, proxied atomic.Int64
	local := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { fetched.Add(1) }))
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied.Add(1) }))
	const secret = "root:x:S3CR3T-OF-ANOTHER-FILE"
	var mutex sync.Mutex
	var sent strings.Builder
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mutex.Lock()
		sent.Write(body)
		mutex.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "[1,0]")
	}))
	for _, server := range []*httptest.Server{local, proxy, model} {
		t.Cleanup(server.Close)
	}
	c := newPlace(t, "SECRET="+secret, "TOKEN=a-token", "HTTP_PROXY="+proxy.URL, "HTTPS_PROXY="+proxy.URL, "http_proxy="+proxy.URL, "ALL_PROXY="+proxy.URL)
	outside := filepath.Join(filepath.Dir(c.dir), "outside.png")
	if err := os.WriteFile(outside, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	c.put(t, "within.png", secret) // no image, and so not sent
	refs := []string{
		"../outside.png", outside, "/etc/passwd", "/proc/self/environ", "/dev/zero", "/dev/stdin", "within.png", "corpus/../../outside.png", "./././../outside.png",
		`..\outside.png`, `C:\Windows\win.ini`, `\\host\share\a.png`, "within.png\x00.png", "CON", "", ".", "data:image/png;base64," + base64.StdEncoding.EncodeToString([]byte(secret)),
		"data:image/svg+xml,<svg/>", "data:text/plain," + secret, "data:image/png;base64,!!!", "data:,",
	}
	if runtime.GOOS == "linux" {
		for name, target := range map[string]string{"out.png": outside, "env.png": "/proc/self/environ", "zero.png": "/dev/zero", "up": ".."} {
			if err := os.Symlink(target, filepath.Join(c.dir, name)); err != nil {
				t.Fatal(err)
			}
			refs = append(refs, name)
		}
		refs = append(refs, "up/outside.png")
		if err := exec.CommandContext(t.Context(), "mkfifo", filepath.Join(c.dir, "pipe.png")).Run(); err == nil {
			refs = append(refs, "pipe.png")
		}
	}
	port := local.URL[strings.LastIndex(local.URL, ":")+1:]
	for _, address := range addressed() {
		refs = append(refs, fmt.Sprintf(address, port))
	}
	lines := ""
	for i, ref := range refs {
		line, err := json.Marshal(map[string]any{"id": fmt.Sprint(i), "photo": ref})
		if err != nil {
			t.Fatal(err)
		}
		lines += string(line) + "\n"
	}
	c.put(t, "docs.jsonl", lines)
	r := c.vecload(t, "run", "docs.jsonl", "--id", "id", "--image", "photo", "--input", "image", "--image-urls", "--model", "a/b", "--raw", model.URL, "--token", "${TOKEN}", "--json")
	var report struct{ Read, Written, Rejected int }
	if err := json.Unmarshal([]byte(r.stdout), &report); err != nil || report.Read != len(refs) || report.Rejected != len(refs) || report.Written != 0 {
		t.Errorf("of %d records, the report counts %+v, %v\n%.3000s", len(refs), report, err, r.all())
	}
	if fetched.Load() != 0 || proxied.Load() != 0 {
		t.Errorf("this machine was asked %d times, and the proxy %d times", fetched.Load(), proxied.Load())
	}
	rejects, err := os.ReadFile(filepath.Join(c.dir, "vecload.rejects.jsonl"))
	if err != nil || strings.Count(string(rejects), "\n") != len(refs) {
		t.Errorf("rejects: %v\n%s", err, rejects)
	}
	// The record's own data URI is in the file of rejects, as it was read.
	for where, text := range map[string]string{"the model was sent": sent.String(), "the program says": r.all()} {
		if strings.Contains(text, "S3CR3T") || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(secret))[:20]) {
			t.Errorf("%s what is in a file that is no image:\n%.2000s", where, text)
		}
	}
}
