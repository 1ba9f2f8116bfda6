package engine

import (
	"strings"

	"tollgate/fakes/upstash/resp"
)

// isInfo says whether the words are those of XINFO STREAM without FULL, or of XINFO
// GROUPS.
func isInfo(_ *inside, args []string) bool {
	return len(args) == 2 && (is(args[0], "STREAM") || is(args[0], "GROUPS"))
}

// xinfo is XINFO with those.
func xinfo(in *inside, args []string) resp.Value {
	if is(args[0], "STREAM") {
		return xinfoStream(in, args[1])
	}
	return xinfoGroups(in, args[1])
}

// xinfoGroups is XINFO GROUPS. miniredis takes the whole stream for a group's lag;
// it is what came after the last entry that was delivered.
func xinfoGroups(in *inside, key string) resp.Value {
	groups := in.do("XINFO", "GROUPS", key)
	for i, about := range groups.Array {
		of := fields(about)
		later := in.do("XRANGE", key, "("+of["last-delivered-id"].Text(), "+")
		of["lag"] = resp.Int(int64(len(later.Array)))
		group := resp.Value{Kind: resp.Map}
		for _, name := range []string{"name", "consumers", "pending", "last-delivered-id", "entries-read", "lag"} {
			group.Array = append(group.Array, resp.Bulk(name), of[name])
		}
		groups.Array[i] = group
	}
	return groups
}

// xinfoStream is XINFO STREAM. miniredis knows neither how many entries there ever
// were nor which was deleted last; what there is stands for them.
func xinfoStream(in *inside, key string) resp.Value {
	exists, wrong := in.holds(key, "stream")
	switch {
	case wrong != nil:
		return *wrong
	case !exists:
		return fail("ERR no such key")
	}
	known := fields(in.do("XINFO", "STREAM", key))
	length, lastID := known["length"], known["last-generated-id"]
	if lastID.Text() == "" {
		lastID = resp.Bulk("0-0")
	}
	first, last := resp.Nil(), resp.Nil()
	firstID := resp.Bulk("0-0")
	if entries := in.do("XRANGE", key, "-", "+", "COUNT", "1").Array; len(entries) > 0 {
		first, firstID = entries[0], entries[0].Array[0]
		last = in.do("XREVRANGE", key, "+", "-", "COUNT", "1").Array[0]
	}
	nodes, keys := int64(1), int64(0)
	if length.Int > 0 {
		nodes, keys = 2, 1
	}
	return resp.Value{Kind: resp.Map, Array: []resp.Value{
		resp.Bulk("length"), length,
		resp.Bulk("radix-tree-keys"), resp.Int(keys),
		resp.Bulk("radix-tree-nodes"), resp.Int(nodes),
		resp.Bulk("last-generated-id"), lastID,
		resp.Bulk("max-deleted-entry-id"), resp.Bulk("0-0"),
		resp.Bulk("entries-added"), length,
		resp.Bulk("recorded-first-entry-id"), firstID,
		resp.Bulk("groups"), resp.Int(int64(len(in.do("XINFO", "GROUPS", key).Array))),
		resp.Bulk("first-entry"), first,
		resp.Bulk("last-entry"), last,
	}}
}

// setsGroupID says whether the words are XGROUP CREATE or SETID.
func setsGroupID(_ *inside, args []string) bool {
	return len(args) > 3 && (is(args[0], "CREATE") || is(args[0], "SETID"))
}

// xgroup is XGROUP CREATE, with a check of the ID, and XGROUP SETID, which miniredis
// does not have.
func xgroup(in *inside, args []string) resp.Value {
	sub, key, group, id := strings.ToUpper(args[0]), args[1], args[2], args[3]
	create := []string{"XGROUP", "CREATE", key, group}
	makes := false
	for options := args[4:]; len(options) > 0; options = options[1:] {
		switch {
		case is(options[0], "MKSTREAM") && sub == "CREATE":
			makes = true
		case is(options[0], "ENTRIESREAD") && len(options) > 1:
			if _, ok := parseInt(options[1]); !ok {
				return fail(textNotInt)
			}
			options = options[1:]
		default:
			return fail(textSyntax)
		}
	}
	exists, wrong := in.holds(key, "stream")
	if wrong != nil {
		return *wrong
	}
	if !exists && !makes {
		return fail("ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the" +
			" MKSTREAM option to create an empty stream automatically.")
	}
	if id == "$" {
		id = lastID(in, key)
	}
	id, ok := fullID(id)
	if !ok {
		return fail(textStreamID)
	}
	if sub == "CREATE" {
		create = append(create, id)
		if makes {
			create = append(create, "MKSTREAM")
		}
		return in.do(create...)
	}
	return in.setGroupID(key, group, id)
}

// setGroupID makes the group anew, with all that it has.
func (i *inside) setGroupID(key, name, id string) resp.Value {
	d := dumper{inside: i}
	groups, err := d.groups(key)
	if err != nil {
		return fail("ERR " + err.Error())
	}
	for _, g := range groups {
		if g.name != name {
			continue
		}
		i.do("XGROUP", "DESTROY", key, name)
		g.lastID = id
		for _, command := range d.groupCommands(key, g) {
			if reply := i.do(command...); reply.IsError() {
				return reply
			}
		}
		return resp.OK()
	}
	return fail("NOGROUP No such consumer group '" + name + "' for key name '" + key + "'")
}

// lastID is the last one that the stream gave out.
func lastID(in *inside, key string) string {
	if id := fields(in.do("XINFO", "STREAM", key))["last-generated-id"].Text(); id != "" {
		return id
	}
	return "0-0"
}
