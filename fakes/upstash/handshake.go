package upstash

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/resp"
)

// serverVersion is the Redis that Upstash says it is.
const serverVersion = "8.2.0"

// auth answers AUTH [user] password.
func (s *session) auth(args [][]byte) error {
	if len(args) != 2 && len(args) != 3 {
		return s.refuseSetup("AUTH", commands.WrongArity("AUTH"))
	}
	user, password := []byte(DefaultUser), args[len(args)-1]
	if len(args) == 3 {
		user = args[1]
	}
	if s.inMulti {
		return s.refuseSetup("AUTH", textNotInMulti)
	}
	who := s.users.check(user, password)
	if who == nil {
		return s.refuseSetup("AUTH", textWrongPass)
	}
	s.login(who)
	s.bookSetup("AUTH")
	return s.say(resp.OK())
}

// greeting is what HELLO asks for.
type greeting struct {
	protocol       int // 0: leave it
	user, password []byte
	auth           bool
	name           []byte
	rename         bool
}

// hello answers HELLO [version [AUTH user password] [SETNAME name]].
func (s *session) hello(args [][]byte) error {
	asked, refusal := parseHello(args[1:])
	who := s.user
	if refusal == "" && asked.auth {
		if who = s.users.check(asked.user, asked.password); who == nil {
			refusal = textWrongPass
		}
	}
	switch {
	case refusal != "":
	case who == nil:
		refusal = textNoAuth
	case s.inMulti:
		refusal = textNotInMulti
	case s.topics.any() && (s.protocol < 3 || asked.protocol == 2):
		refusal = fmt.Sprintf(textInSubscribe, "hello")
	case asked.rename && !validName(asked.name):
		refusal = textClientName
	}
	if refusal != "" {
		return s.refuseSetup("HELLO", refusal)
	}
	if asked.auth {
		s.login(who)
	}
	if asked.rename {
		s.rename(asked.name)
	}
	s.bookSetup("HELLO")
	if err := s.speak(asked.protocol); err != nil {
		return err
	}
	return s.say(s.welcome())
}

func parseHello(args [][]byte) (asked greeting, refusal string) {
	if len(args) == 0 {
		return asked, ""
	}
	version, err := strconv.Atoi(string(args[0]))
	switch {
	case err != nil:
		return asked, textHelloVersion
	case version != 2 && version != 3:
		return asked, textNoProto
	}
	asked.protocol = version
	for args = args[1:]; len(args) > 0; {
		switch {
		case bytes.EqualFold(args[0], []byte("AUTH")) && len(args) > 2:
			asked.user, asked.password, asked.auth = args[1], args[2], true
			args = args[3:]
		case bytes.EqualFold(args[0], []byte("SETNAME")) && len(args) > 1:
			asked.name, asked.rename = args[1], true
			args = args[2:]
		default:
			return asked, fmt.Sprintf(textHelloOption, args[0])
		}
	}
	return asked, ""
}

// speak switches the protocol, at the engine too; 0 leaves it.
func (s *session) speak(protocol int) error {
	if protocol == 0 || protocol == s.protocol {
		return nil
	}
	s.change(func(i *identity) { i.protocol = protocol })
	if s.hasOwn() {
		return s.greet()
	}
	return s.leaveRoute() // there is a lane for each protocol
}

func (s *session) welcome() resp.Value {
	return resp.Value{Kind: resp.Map, Array: []resp.Value{
		resp.Bulk("server"), resp.Bulk("redis"),
		resp.Bulk("version"), resp.Bulk(serverVersion),
		resp.Bulk("proto"), resp.Int(int64(s.protocol)),
		resp.Bulk("id"), resp.Int(int64(s.id)),
		resp.Bulk("mode"), resp.Bulk("standalone"),
		resp.Bulk("role"), resp.Bulk("master"),
		resp.Bulk("modules"), resp.List(),
	}}
}

// quit answers QUIT: all before it, OK, and the end.
func (s *session) quit() error {
	s.bookSetup("QUIT")
	s.hungUp = true
	return errors.Join(s.say(resp.OK()), s.link.hangUp())
}

// reset answers RESET: the connection is as new.
func (s *session) reset() error {
	s.unwatch()
	s.bookSetup("RESET")
	var err error
	if s.inMulti {
		err = s.sendQuietly("DISCARD", debt{})
	}
	if s.topics.any() {
		for _, name := range []string{"UNSUBSCRIBE", "PUNSUBSCRIBE"} {
			replies := s.topics.ask(subscriptionEvents[name], nil)
			err = errors.Join(err, s.sendQuietly(name, debt{subs: replies}))
		}
		s.noteTopics()
	}
	if s.hasOwn() {
		err = errors.Join(err, s.sendQuietly("UNWATCH", debt{}))
	}
	err = errors.Join(err, s.speak(2))
	s.inMulti, s.spoiled, s.settled = false, false, false
	s.change(func(i *identity) { i.name = "" })
	s.login(s.users.initial())
	return errors.Join(err, s.say(resp.Simple("RESET")))
}

// login makes the connection who's; nil logs out.
func (s *session) login(who *User) {
	s.change(func(i *identity) { i.user = who })
	if who != nil {
		s.caller.readOnly = who.ReadOnly
	}
	s.nameCaller()
}

// bookSetup books a command that sets up the connection; those are not billed,
// and monitors do not see their arguments.
func (s *session) bookSetup(name string) {
	s.accounts.book(s.caller, commands.Command{Name: name}, nil, 0, false)
	s.monitors.show(s.conn.RemoteAddr(), []byte(name))
}

func (s *session) refuseSetup(name, text string) error {
	s.accounts.refused(s.caller, name, false)
	return s.spoil(text)
}
