package upstash

import (
	"fmt"

	"tollgate/fakes/upstash/resp"
)

// mayBeLarge says whether a reply of that kind can be larger than a plan allows.
func mayBeLarge(kind resp.Kind) bool {
	switch kind {
	case resp.BulkString, resp.Verbatim, resp.Array, resp.Map, resp.Set:
		return true
	}
	return false
}

// passResult moves one reply of the engine's, or, if it is larger than the plan
// allows, an error in its place.
func (l *link) passResult(head debt) error {
	raw, size, err := resp.HoldValue(l.held[:0], l.from, engineReply, l.maxResult)
	if err != nil {
		return err
	}
	if size > l.maxResult {
		head.fail()
		raw = resp.AppendError(raw, fmt.Sprintf(textTooLarge, l.maxResult, size))
	}
	if l.held = raw; cap(raw) > 4*linkBuffer {
		l.held = nil
	}
	l.outMu.Lock()
	defer l.outMu.Unlock()
	_, err = l.out.Write(raw)
	return err
}

// within is v, or, if it is larger than the plan allows, an error in its place.
func (s *Server) within(v resp.Value) resp.Value {
	limit := s.cfg.Plan.MaxRequestBytes
	if size := sizeOf(v); size > limit {
		return resp.Errorf(textTooLarge, limit, size)
	}
	return v
}

// sizeOf is the bytes of all strings in v.
func sizeOf(v resp.Value) int64 {
	n := int64(len(v.Str))
	for _, item := range v.Array {
		n += sizeOf(item)
	}
	return n
}
