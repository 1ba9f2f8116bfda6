package engine

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tollgate/fakes/upstash/resp"
)

// stream writes a stream. IDs that are gone but still matter (the last one given
// out, and those still pending) are added with the rest and deleted in the end.
func (d *dumper) stream(key string) error {
	groups, err := d.groups(key)
	if err != nil {
		return err
	}
	info := fields(d.do("XINFO", "STREAM", key))
	gone := map[string]bool{}
	if last := info["last-generated-id"].Text(); last != "" {
		gone[last] = true
	}
	for _, g := range groups {
		for _, p := range g.pending {
			gone[p.id] = true
		}
	}
	entries := d.do("XRANGE", key, "-", "+")
	if entries.IsError() {
		return fmt.Errorf("engine: dump of %q: %s", key, entries.Text())
	}
	for _, entry := range entries.Array {
		delete(gone, entry.Array[0].Text())
	}
	if err := d.entries(key, entries.Array, slices.SortedFunc(maps.Keys(gone), compareIDs)); err != nil {
		return err
	}
	for _, g := range groups {
		for _, command := range d.groupCommands(key, g) {
			if err := d.write(command...); err != nil {
				return err
			}
		}
	}
	return d.batches([]string{"XDEL", key}, 1, slices.Sorted(maps.Keys(gone)))
}

// entries writes a stream's entries, and in their places those that are gone. A
// stream without either exists all the same.
func (d *dumper) entries(key string, entries []resp.Value, gone []string) error {
	if len(entries)+len(gone) == 0 {
		err := d.write("XGROUP", "CREATE", key, "-", "0", "MKSTREAM")
		if err == nil {
			err = d.write("XGROUP", "DESTROY", key, "-")
		}
		return err
	}
	for len(entries)+len(gone) > 0 {
		add := []string{"XADD", key}
		if len(entries) == 0 || (len(gone) > 0 && compareIDs(gone[0], entries[0].Array[0].Text()) < 0) {
			add = append(add, gone[0], "", "")
			gone = gone[1:]
		} else {
			add = append(add, entries[0].Array[0].Text())
			for _, word := range entries[0].Array[1].Array {
				add = append(add, word.Text())
			}
			entries = entries[1:]
		}
		if err := d.write(add...); err != nil {
			return err
		}
	}
	return nil
}

// streamGroup is what there is to know of a consumer group.
type streamGroup struct {
	name, lastID string
	consumers    []string
	pending      []pendingEntry
}

type pendingEntry struct {
	id, consumer     string
	idle, deliveries int64 // idle in milliseconds
}

func (d *dumper) groups(key string) ([]streamGroup, error) {
	var groups []streamGroup
	for _, about := range d.do("XINFO", "GROUPS", key).Array {
		of := fields(about)
		g := streamGroup{name: of["name"].Text(), lastID: of["last-delivered-id"].Text()}
		for _, consumer := range d.do("XINFO", "CONSUMERS", key, g.name).Array {
			g.consumers = append(g.consumers, fields(consumer)["name"].Text())
		}
		pending := d.do("XPENDING", key, g.name, "-", "+", strconv.Itoa(1<<31-1))
		if pending.IsError() {
			return nil, fmt.Errorf("engine: dump of %q: %s", key, pending.Text())
		}
		for _, p := range pending.Array {
			entry := pendingEntry{id: p.Array[0].Text(), consumer: p.Array[1].Text()}
			entry.idle, entry.deliveries = p.Array[2].Int, p.Array[3].Int
			g.pending = append(g.pending, entry)
		}
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b streamGroup) int { return strings.Compare(a.name, b.name) })
	return groups, nil
}

// groupCommands make a group, with its consumers and what they have pending.
func (d *dumper) groupCommands(key string, g streamGroup) [][]string {
	commands := [][]string{{"XGROUP", "CREATE", key, g.name, g.lastID}}
	for _, consumer := range g.consumers {
		commands = append(commands, []string{"XGROUP", "CREATECONSUMER", key, g.name, consumer})
	}
	for _, p := range g.pending {
		commands = append(commands, []string{
			"XCLAIM", key, g.name, p.consumer, "0", p.id, "TIME", strconv.FormatInt(d.now()-p.idle, 10),
			"RETRYCOUNT", strconv.FormatInt(p.deliveries, 10), "FORCE", "JUSTID",
		})
	}
	return commands
}

// fields is a reply of names and values by name.
func fields(reply resp.Value) map[string]resp.Value {
	named := map[string]resp.Value{}
	for i := 0; i+1 < len(reply.Array); i += 2 {
		named[reply.Array[i].Text()] = reply.Array[i+1]
	}
	return named
}

// compareIDs orders IDs of stream entries, which are two numbers each.
func compareIDs(a, b string) int {
	aTime, aSeq, _ := strings.Cut(a, "-")
	bTime, bSeq, _ := strings.Cut(b, "-")
	byLength := func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	}
	if order := byLength(aTime, bTime); order != 0 {
		return order
	}
	return byLength(aSeq, bSeq)
}
