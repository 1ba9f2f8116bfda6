package upstash

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/resp"
)

// keyspaceEvents is the one setting that Upstash has.
const keyspaceEvents = "notify-keyspace-events"

// answersItself names what the server answers without the engine, because
// Upstash's answer is its own.
func answersItself(name string) bool {
	switch name {
	case "AUTH", "HELLO", "QUIT", "RESET", "SELECT", "COMMAND", "CONFIG GET", "CONFIG SET", "INFO", "MONITOR":
		return true
	}
	return isClient(name) || isACL(name)
}

// answer answers one of those that answersItself names. failed, if any, is called if
// that is with an error, which also spoils a transaction.
func (s *session) answer(cmd commands.Command, args [][]byte, failed func()) error {
	v := s.answerTo(cmd, args)
	switch {
	case v.IsError():
		debt{failed: failed}.fail()
		s.spoiled = s.inMulti
	case cmd.Name == "MONITOR":
		return s.monitor()
	}
	return s.say(v)
}

// answerTo is the answer; MONITOR's is only whether it may be.
func (s *session) answerTo(cmd commands.Command, args [][]byte) resp.Value {
	switch {
	case !cmd.Accepts(len(args)):
		return resp.Errorf("%s", commands.WrongArity(cmd.Name))
	case s.inMulti:
		return resp.Errorf("%s", textNotInMulti)
	case s.protocol < 3 && s.topics.any():
		return resp.Errorf(textInSubscribe, strings.ToLower(cmd.Name))
	case isClient(cmd.Name):
		return s.clientCommand(cmd.Name, args)
	case isACL(cmd.Name):
		return s.acl(s.user.Name, cmd.Name, args)
	case cmd.Name == "SELECT" && string(args[1]) != "0":
		return resp.Errorf("%s", textDBIndex)
	case cmd.Name == "SELECT", cmd.Name == "MONITOR":
		return resp.OK()
	default:
		return s.serverCommand(cmd.Name, args)
	}
}

// serverCommand answers those that concern no connection, for both doors.
func (s *Server) serverCommand(name string, args [][]byte) resp.Value {
	switch name {
	case "COMMAND":
		return resp.List()
	case "INFO":
		return resp.Bulk(s.info(args[1:]))
	case "CONFIG GET":
		return configGet(args[2:])
	default:
		return configSet(args[2:])
	}
}

// configGet knows one setting, which is always off here; all others come back
// empty, and the answer is a flat list in RESP3 too.
func configGet(patterns [][]byte) resp.Value {
	for _, pattern := range patterns {
		if bytes.EqualFold(pattern, []byte(keyspaceEvents)) || string(pattern) == "*" {
			return resp.List(resp.Bulk(keyspaceEvents), resp.Bulk(""))
		}
	}
	return resp.List()
}

func configSet(pairs [][]byte) resp.Value {
	if len(pairs)%2 != 0 {
		return resp.Errorf("%s", commands.WrongArity("CONFIG SET"))
	}
	for i := 0; i < len(pairs); i += 2 {
		switch {
		case !bytes.EqualFold(pairs[i], []byte(keyspaceEvents)):
			return resp.Errorf(textUnknownConfig, pairs[i])
		case len(pairs[i+1]) > 0:
			return resp.Errorf("%s", textNoKeyspace)
		}
	}
	return resp.OK()
}

// info is INFO: all sections, or those asked for. An unknown one has a heading
// only.
func (s *Server) info(wanted [][]byte) string {
	snapshot := s.ledger.Snapshot()
	sections := []struct{ name, body string }{
		{"Server", fmt.Sprintf("redis_version:%s\r\nredis_mode:standalone\r\nprocess_id:1\r\nuptime_in_seconds:%d\r\n",
			serverVersion, int(time.Since(s.started).Seconds()))},
		{"Clients", fmt.Sprintf("connected_clients:%d\r\nmaxclients:%d\r\n",
			snapshot.Connections.Open, s.cfg.Plan.MaxConnections)},
		{"Stats", fmt.Sprintf("total_connections_received:%d\r\ntotal_commands_processed:%d\r\nrejected_connections:%d\r\n",
			snapshot.Connections.Opened, snapshot.Total.Wire+snapshot.Total.Inner, snapshot.Connections.Refused)},
		{"Cluster", "cluster_enabled:0\r\n"},
		{"Replication", "role:master\r\nconnected_slaves:0\r\n"},
	}
	var all, chosen []string
	for _, section := range sections {
		all = append(all, "# "+section.name+"\r\n"+section.body)
	}
	for _, name := range wanted {
		text := "# " + strings.ToUpper(string(name[:min(1, len(name))])) + strings.ToLower(string(name[min(1, len(name)):])) + "\r\n"
		for i, section := range sections {
			if strings.EqualFold(section.name, string(name)) {
				text = all[i]
			}
		}
		switch strings.ToLower(string(name)) {
		case "all", "default", "everything":
			text = strings.Join(all, "\r\n")
		}
		chosen = append(chosen, text)
	}
	if len(wanted) == 0 {
		chosen = all
	}
	return strings.Join(chosen, "\r\n")
}
