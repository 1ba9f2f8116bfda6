package upstash

import "tollgate/fakes/upstash/resp"

// monitor answers MONITOR: OK, and from then on a line for each command that
// runs, between the replies to the connection's own commands.
func (s *session) monitor() error {
	if s.watch != nil {
		return s.say(resp.OK())
	}
	watch, link := s.monitors.add(func() { abort(s.conn) }), s.link
	s.watch = watch
	s.change(func(i *identity) { i.monitoring = true })
	return link.take(&debt{
		kind:  owedByServer,
		local: resp.AppendValue(nil, resp.OK(), s.protocol),
		then:  func() { link.spawn(func() { link.relay(watch) }) },
	})
}

// unwatch ends MONITOR.
func (s *session) unwatch() {
	if s.watch != nil {
		s.watch.remove()
		s.watch = nil
		s.change(func(i *identity) { i.monitoring = false })
	}
}

// relay sends the client what its monitor shows, until that ends.
func (l *link) relay(w *watcher) {
	for {
		select {
		case <-w.ready:
		case <-w.ended:
			return
		}
		l.awaitTaken() // what is too much waits in the monitor, which is dropped then
		l.putLines(w)
		l.flushOut()
	}
}

func (l *link) putLines(w *watcher) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range w.take() { // not before: what ended the watching is answered after the last line
		l.put([]byte{byte(resp.SimpleString)})
		l.put(line)
		l.put([]byte("\r\n"))
	}
}
