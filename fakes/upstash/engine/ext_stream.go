package engine

import (
	"strconv"
	"strings"

	"tollgate/fakes/upstash/resp"
)

const textStreamID = "ERR Invalid stream ID specified as stream command argument"

// xlen is XLEN, which miniredis answers twice where the key is no stream.
func xlen(in *inside, args []string) resp.Value {
	if exists, wrong := in.holds(args[0], "stream"); wrong != nil {
		return *wrong
	} else if !exists {
		return resp.Int(0)
	}
	return in.do("XLEN", args[0])
}

// What XDELEX and XACKDEL answer for each ID.
const (
	entryMissing = -1
	entryDeleted = 1
	entryKept    = 2 // somebody refers to it
)

// xdelex is XDELEX.
func xdelex(in *inside, args []string) resp.Value {
	key := args[0]
	refs, ids, failed := entryIDs(args[1:])
	if failed != "" {
		return fail(failed)
	}
	exists, wrong := in.holds(key, "stream")
	if wrong != nil {
		return *wrong
	}
	var results []int64
	for _, id := range ids {
		switch {
		case !exists || !in.hasEntry(key, id):
			results = append(results, entryMissing)
		default:
			results = append(results, in.deleteEntry(key, id, refs))
		}
	}
	return integers(results)
}

// xackdel is XACKDEL.
func xackdel(in *inside, args []string) resp.Value {
	key, group := args[0], args[1]
	refs, ids, failed := entryIDs(args[2:])
	if failed != "" {
		return fail(failed)
	}
	exists, wrong := in.holds(key, "stream")
	if wrong != nil {
		return *wrong
	}
	var results []int64
	for _, id := range ids {
		if !exists || !in.isPending(key, group, id) {
			results = append(results, entryMissing)
			continue
		}
		in.do("XACK", key, group, id)
		results = append(results, in.deleteEntry(key, id, refs))
	}
	return integers(results)
}

// deleteEntry deletes an entry, or, with ACKED, keeps it while a group has yet to
// read or acknowledge it. With DELREF it is acknowledged everywhere.
func (i *inside) deleteEntry(key, id, refs string) int64 {
	for _, about := range i.do("XINFO", "GROUPS", key).Array {
		of := fields(about)
		group := of["name"].Text()
		pending := i.isPending(key, group, id)
		switch {
		case refs == "DELREF" && pending:
			i.do("XACK", key, group, id)
		case refs == "ACKED" && (pending || compareIDs(of["last-delivered-id"].Text(), id) < 0):
			return entryKept
		}
	}
	i.do("XDEL", key, id)
	return entryDeleted
}

func (i *inside) hasEntry(key, id string) bool {
	return len(i.do("XRANGE", key, id, id).Array) > 0
}

func (i *inside) isPending(key, group, id string) bool {
	return len(i.do("XPENDING", key, group, id, id, "1").Array) > 0
}

// entryIDs reads "[KEEPREF | DELREF | ACKED] IDS count id ..." and completes IDs that
// are only a time.
func entryIDs(args []string) (refs string, ids []string, failed string) {
	refs = "KEEPREF"
	for len(args) > 0 {
		switch word := strings.ToUpper(args[0]); word {
		case "KEEPREF", "DELREF", "ACKED":
			refs, args = word, args[1:]
			continue
		case "IDS":
		default:
			return "", nil, textSyntax
		}
		if len(args) < 2 {
			return "", nil, textSyntax
		}
		count, ok := parseInt(args[1])
		switch {
		case !ok || count < 1:
			return "", nil, "ERR Number of IDs must be a positive integer"
		case count != int64(len(args)-2):
			return "", nil, "ERR The `numids` parameter must match the number of arguments"
		}
		for _, id := range args[2:] {
			full, ok := fullID(id)
			if !ok {
				return "", nil, textStreamID
			}
			ids = append(ids, full)
		}
		return refs, ids, ""
	}
	return "", nil, textSyntax
}

func fullID(id string) (string, bool) {
	at, seq, both := strings.Cut(id, "-")
	if !both {
		seq = "0"
	}
	time, err := strconv.ParseUint(at, 10, 64)
	if err != nil {
		return "", false
	}
	number, err := strconv.ParseUint(seq, 10, 64)
	return strconv.FormatUint(time, 10) + "-" + strconv.FormatUint(number, 10), err == nil
}
