package engine

import (
	"context"
	"maps"
	"strconv"
	"strings"
)

// commandStats is what a Redis has counted at one moment.
type commandStats struct {
	version string
	run     string           // changes with each start of the Redis
	calls   map[string]int64 // by upper-case command, without sub-command
	own     map[string]int64 // those of the engine itself, of calls
}

// readStats asks the Redis, over a connection of its own.
func (r *Remote) readStats(ctx context.Context) (commandStats, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*dialTimeout)
	defer cancel()
	w, err := r.dialWire(ctx, "")
	if err != nil {
		return commandStats{}, err
	}
	defer w.Close()
	server, err := w.do(ctx, "INFO", "server")
	if err != nil {
		return commandStats{}, unreachable(r.address, err)
	}
	r.mu.Lock()
	own := maps.Clone(r.own) // before the next one, which does not count itself yet
	r.mu.Unlock()
	stats, err := w.do(ctx, "INFO", "commandstats")
	if err != nil {
		return commandStats{}, unreachable(r.address, err)
	}
	return commandStats{
		version: infoField(server.Text(), "redis_version"), run: infoField(server.Text(), "run_id"),
		calls: parseCommandStats(stats.Text()), own: own,
	}, nil
}

// since is what clients called between earlier and s.
func (s commandStats) since(earlier commandStats) map[string]int64 {
	calls := map[string]int64{}
	for name, n := range s.calls {
		n -= earlier.calls[name] + s.own[name] - earlier.own[name]
		if n != 0 {
			calls[name] = n
		}
	}
	return calls
}

// parseCommandStats reads INFO commandstats: lines such as
// "cmdstat_client|list:calls=1,usec=5,...". What it does not know it skips.
func parseCommandStats(info string) map[string]int64 {
	calls := map[string]int64{}
	for line := range strings.Lines(info) {
		line, ok := strings.CutPrefix(strings.TrimSpace(line), "cmdstat_")
		name, fields, found := strings.Cut(line, ":calls=")
		if !ok || !found {
			continue
		}
		digits, _, _ := strings.Cut(fields, ",")
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			continue
		}
		name, _, _ = strings.Cut(name, "|")
		calls[strings.ToUpper(name)] += n
	}
	return calls
}

// infoField is the value of a field of INFO, or "".
func infoField(info, name string) string {
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+":"); ok {
			return value
		}
	}
	return ""
}
