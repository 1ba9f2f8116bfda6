package faults

import (
	"slices"

	"github.com/Shopify/toxiproxy/v2/toxics"
)

// apply puts the faults that are on into force on the connection, and says whether
// it is to be reset. Each fault decides once about each connection, when it first
// selects it. It is called with the registry's mu held.
func (c *Conn) apply(on []*active) (reset bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return false
	}
	var decided map[*active]bool
	var up, down []*active
	var upToxics, downToxics []toxics.Toxic
	for _, a := range on {
		if !c.selectedBy(a) {
			continue
		}
		hit, before := c.decided[a]
		if !before {
			hit = a.hit(c.String)
		}
		if decided == nil {
			decided = map[*active]bool{}
		}
		decided[a] = hit
		if !hit {
			continue
		}
		if a.Kind == Reset && a.Bytes == 0 && !before {
			reset = true
		}
		if chain := a.toxicsFor(Up, c.id); len(chain) > 0 {
			up, upToxics = append(up, a), append(upToxics, chain...)
		}
		if chain := a.toxicsFor(Down, c.id); len(chain) > 0 {
			down, downToxics = append(down, a), append(downToxics, chain...)
		}
	}
	c.decided = decided
	c.route(up, upToxics, down, downToxics)
	return reset
}

// route sends both directions through the toxics; mu is held.
func (c *Conn) route(up []*active, upToxics []toxics.Toxic, down []*active, downToxics []toxics.Toxic) {
	closing := isClosed(c.closed)
	if !slices.Equal(up, c.upBy) {
		c.upBy = up
		var next *inlet
		if len(up) > 0 && !closing {
			next = c.newInlet(upToxics)
		}
		c.setUp(next)
	}
	if !slices.Equal(down, c.downBy) {
		c.downBy = down
		var next *outlet
		if len(down) > 0 && !closing {
			next = c.newOutlet(downToxics)
		}
		c.setDown(next)
	}
}

func (c *Conn) selectedBy(a *active) bool {
	if traits[a.Kind].levels&onConnection == 0 || !a.overTCP() {
		return false
	}
	if a.Component == "" {
		return a.selects("", TransportTCP, c.door)
	}
	return c.owner != nil && a.selects(c.owner(), TransportTCP, c.door)
}

// selects says whether the selectors let the fault act on somebody.
func (a *active) selects(component, transport, door string) bool {
	return (a.Component == "" || a.Component == component) &&
		(a.Transport == "" || a.Transport == transport) &&
		(a.Door == "" || a.Door == door)
}

// identify has faults that select a component look at the connection, once that is
// known or has changed.
func (c *Conn) identify(component string) {
	if last := c.component.Load(); last != nil && *last == component {
		return
	}
	c.component.Store(&component)
	r := c.registry
	r.mu.Lock()
	reset := !r.closed && c.apply(r.current())
	r.mu.Unlock()
	if reset {
		c.Reset()
	}
}
