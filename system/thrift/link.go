package thrift

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// Bounds of what a subscriber may send and leave unread.
const (
	maxUndelivered = 256
	maxArguments   = 64
	maxArgument    = 4 << 10 // bytes
)

// errProtocol ends a connection on which something other than commands arrives.
var errProtocol = errors.New("thrift: not a command in RESP")

// link is one subscriber's connection. Its switchboard's mutex guards the channels.
type link struct {
	conn     net.Conn
	out      chan []byte     // closed by hangUpLocked
	channels map[string]bool // nil after hangUpLocked
}

// serve answers a subscriber's commands until the connection ends.
func (b *switchboard) serve(l *link) {
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.hangUpLocked(l)
	}()
	in := bufio.NewReader(l.conn)
	for {
		command, err := readCommand(in)
		if err != nil || !b.answer(l, command) {
			return
		}
	}
}

// deliver writes what is queued for a subscriber, then ends the connection.
func (b *switchboard) deliver(l *link) {
	for reply := range l.out {
		if _, err := l.conn.Write(reply); err != nil {
			break
		}
	}
	_ = l.conn.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hangUpLocked(l)
	delete(b.links, l)
}

// answer does one command, and is false when it was the last one.
func (b *switchboard) answer(l *link, command []string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l.channels == nil {
		return false
	}
	name, args := strings.ToLower(command[0]), command[1:]
	switch {
	case name == "subscribe" && len(args) > 0:
		return b.sendLocked(l, l.subscribe(args))
	case name == "unsubscribe":
		return b.sendLocked(l, l.unsubscribe(args))
	case name == "ping":
		return b.sendLocked(l, l.pong(args))
	case name == "client":
		return b.sendLocked(l, []byte("+OK\r\n"))
	case name == "quit":
		b.sendLocked(l, []byte("+OK\r\n"))
		return false
	default: // HELLO too: go-redis goes on with RESP2
		return b.sendLocked(l, fmt.Appendf(nil, "-ERR command %q is unknown or incomplete\r\n", name))
	}
}

func (l *link) subscribe(channels []string) []byte {
	var reply []byte
	for _, channel := range channels {
		l.channels[channel] = true
		reply = append(reply, array(bulk("subscribe"), bulk(channel), integer(len(l.channels)))...)
	}
	return reply
}

// unsubscribe is from every channel when none is named.
func (l *link) unsubscribe(channels []string) []byte {
	if len(channels) == 0 {
		for channel := range l.channels {
			channels = append(channels, channel)
		}
	}
	if len(channels) == 0 {
		return array(bulk("unsubscribe"), "$-1\r\n", integer(0))
	}
	var reply []byte
	for _, channel := range channels {
		delete(l.channels, channel)
		reply = append(reply, array(bulk("unsubscribe"), bulk(channel), integer(len(l.channels)))...)
	}
	return reply
}

// pong is an array for subscribers, as in RESP2.
func (l *link) pong(args []string) []byte {
	payload := ""
	if len(args) > 0 {
		payload = args[0]
	}
	switch {
	case len(l.channels) > 0:
		return array(bulk("pong"), bulk(payload))
	case payload == "":
		return []byte("+PONG\r\n")
	default:
		return []byte(bulk(payload))
	}
}

func bulk(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }
func integer(n int) string { return fmt.Sprintf(":%d\r\n", n) }
func array(items ...string) []byte {
	return fmt.Appendf(nil, "*%d\r\n%s", len(items), strings.Join(items, ""))
}

// readCommand reads an array of bulk strings: the form in which clients send.
func readCommand(in *bufio.Reader) ([]string, error) {
	n, err := readLength(in, '*', maxArguments)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, errProtocol
	}
	command := make([]string, n)
	for i := range command {
		size, err := readLength(in, '$', maxArgument)
		if err != nil {
			return nil, err
		}
		text := make([]byte, size+2)
		if _, err := io.ReadFull(in, text); err != nil {
			return nil, err
		}
		command[i] = string(text[:size])
	}
	return command, nil
}

// readLength reads a line that consists of a type and a length.
func readLength(in *bufio.Reader, kind byte, most int) (int, error) {
	line, err := in.ReadSlice('\n') // a line longer than the buffer is an error
	if err != nil {
		return 0, err
	}
	if line[0] != kind {
		return 0, errProtocol
	}
	n, err := strconv.Atoi(strings.TrimSuffix(string(line[1:]), "\r\n"))
	if err != nil || n < 0 || n > most {
		return 0, errProtocol
	}
	return n, nil
}
