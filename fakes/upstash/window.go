package upstash

const (
	// firstWindow, minWindow and maxWindow are how many replies a client in a lane may
	// be owed.
	firstWindow = 16
	minWindow   = 4
	maxWindow   = 16 << 10
	// windowBytes is what the replies of one window should come to, in bytes: others
	// wait for so much of one client's.
	windowBytes = 256 << 10
)

// window is how many replies a client may be owed by a lane at one time, so that
// nobody in the lane waits long for another's. It grows while replies are small, for
// the sake of long pipelines, and shrinks when they are large.
type window struct {
	size  int
	count int   // replies since the size was set
	bytes int64 // of them
}

func newWindow() *window { return &window{size: firstWindow} }

// arrived is told of replies.
func (w *window) arrived(count int, bytes int64) {
	w.count += count
	w.bytes += bytes
	switch {
	case w.bytes > windowBytes:
		w.size = max(minWindow, min(w.size, int(windowBytes*int64(w.count)/w.bytes)))
	case w.count < w.size:
		return
	default:
		w.size = min(2*w.size, maxWindow)
	}
	w.count, w.bytes = 0, 0
}

// share sets the window of a client that joins a lane, or takes it away.
func (l *link) share(w *window) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.window = w
}
