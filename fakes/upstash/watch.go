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
	return link.owe(debt{
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
		if err := l.sendLines(w); err != nil {
			w.remove()
			l.deafen()
			return
		}
	}
}

func (l *link) sendLines(w *watcher) error {
	l.outMu.Lock()
	defer l.outMu.Unlock()
	for _, line := range w.take() { // not before: what ended the watching is answered after the last line
		for _, part := range [][]byte{{byte(resp.SimpleString)}, line, []byte("\r\n")} {
			if _, err := l.out.Write(part); err != nil {
				return err
			}
		}
	}
	return l.out.Flush()
}
