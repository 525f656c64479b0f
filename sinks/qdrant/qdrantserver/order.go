package qdrantserver

import (
	"slices"

	pb "github.com/qdrant/go-client/qdrant"
)

// put keeps a point, in place of the one of its id.
func (c *collection) put(point *storedPoint) {
	if _, ok := c.points[point.key]; !ok {
		c.unsorted = append(c.unsorted, point.key)
	}
	c.points[point.key] = point
}

// ordered returns the ids in order, some of which may be deleted by now. It is
// sorted after new points came, not at each page of a list.
func (c *collection) ordered() []pointKey {
	if len(c.unsorted) == 0 {
		return c.sorted
	}
	all := slices.Concat(c.sorted, c.unsorted)
	all = slices.DeleteFunc(all, func(key pointKey) bool { _, ok := c.points[key]; return !ok })
	slices.SortFunc(all, pointKey.compare)
	c.sorted, c.unsorted = slices.Compact(all), nil
	return c.sorted
}

// page returns the points from an id on that a filter lets through, in the
// order of their ids, limit at most. A nil filter lets all through.
func (c *collection) page(filter *pb.Filter, from *pointKey, limit int) ([]*storedPoint, error) {
	keys := c.ordered()
	if from != nil {
		first, _ := slices.BinarySearchFunc(keys, *from, pointKey.compare)
		keys = keys[first:]
	}
	var out []*storedPoint
	for _, key := range keys {
		if len(out) >= limit {
			break
		}
		point, ok := c.points[key]
		if !ok {
			continue
		}
		ok, err := point.matches(filter)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, point)
		}
	}
	return out, nil
}

// matching returns all points that a filter lets through, in the order of
// their ids.
func (c *collection) matching(filter *pb.Filter) ([]*storedPoint, error) {
	return c.page(filter, nil, len(c.points))
}
