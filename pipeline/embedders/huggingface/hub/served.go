package hub

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vecload/vecload/pipeline/embedders/internal/rest"
)

const (
	pageSize = 100
	maxPages = 3
)

// Query says which served models are looked for.
type Query struct {
	Tasks     []string // of the models, such as feature-extraction
	Providers []string // that serve them; none is any
	Most      int      // models that are returned
}

// Served returns models of the tasks that are served by one of the providers
// and live there, those with the most downloads of each task first. It reads
// three pages of each task at most.
func (c *Client) Served(ctx context.Context, q Query) ([]Model, error) {
	var out []Model
	for _, task := range q.Tasks {
		found, err := c.servedFor(ctx, task, q)
		if err != nil {
			return out, err
		}
		for _, m := range found {
			if !slices.ContainsFunc(out, func(o Model) bool { return o.ID == m.ID }) {
				out = append(out, m)
			}
		}
	}
	return out[:min(len(out), q.Most)], nil
}

func (c *Client) servedFor(ctx context.Context, task string, q Query) ([]Model, error) {
	providers := "all"
	if len(q.Providers) > 0 {
		providers = strings.Join(q.Providers, ",")
	}
	target := c.rest.URL("api/models")
	target.RawQuery = url.Values{
		"pipeline_tag":       {task},
		"inference_provider": {providers},
		"expand[]":           {"inferenceProviderMapping", "pipeline_tag"},
		"sort":               {"downloads"},
		"limit":              {strconv.Itoa(pageSize)},
	}.Encode()
	var out []Model
	for range maxPages {
		a, err := c.get(ctx, target, maxList)
		if err != nil {
			return nil, err
		}
		var page []Model
		if json.Unmarshal(a.Body, &page) != nil {
			return nil, unreadable(a)
		}
		for _, m := range page {
			if m.ID != "" && m.live(task, q.Providers) {
				out = append(out, m)
			}
		}
		next := nextPage(a, target)
		if next == nil || len(out) >= q.Most {
			break
		}
		target = next
	}
	return out, nil
}

// live reports whether one of the providers serves the model for the task; an
// answer without a mapping is believed to be what was asked for.
func (m Model) live(task string, providers []string) bool {
	if len(m.Providers) == 0 {
		return true
	}
	return slices.ContainsFunc(m.Providers, func(p Provider) bool {
		return p.Status == Live && (p.Task == task || Embeds(p.Task) && Embeds(task)) &&
			(len(providers) == 0 || slices.Contains(providers, p.Name))
	})
}

// nextPage reads `Link: <https://…>; rel="next"` (RFC 8288), nil when there is
// no further page on the same host.
func nextPage(a *rest.Answer, from *url.URL) *url.URL {
	for link := range strings.SplitSeq(a.Header.Get("Link"), ",") {
		target, parameters, _ := strings.Cut(link, ";")
		target = strings.TrimSpace(target)
		if !strings.Contains(parameters, `rel="next"`) && !strings.Contains(parameters, "rel=next") {
			continue
		}
		if !strings.HasPrefix(target, "<") || !strings.HasSuffix(target, ">") {
			continue
		}
		if next, err := from.Parse(target[1 : len(target)-1]); err == nil && next.Host == from.Host && next.Scheme == from.Scheme {
			return next
		}
	}
	return nil
}
