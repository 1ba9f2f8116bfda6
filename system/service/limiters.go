package service

import (
	"context"
	"errors"
	"sync"

	"tollgate/system/config"
	"tollgate/system/ratelimit"
	"tollgate/system/ratelimit/sms"
)

// newLimiter makes a limiter in the plan's form. One that keeps its log in this
// process is the service's to restore and to close.
func (s *Service) newLimiter(name string, store ratelimit.Store, limit config.Limit) (ratelimit.Limiter, error) {
	c := ratelimit.Config{Store: store, Name: name, Limit: limit.Limit, Window: limit.Window}
	switch plan := s.cfg.Plan(); {
	case plan.Sole:
		local, err := ratelimit.NewLocal(c)
		if err != nil {
			return nil, err
		}
		s.locals = append(s.locals, local)
		return local, nil
	case plan.LeanLimiter:
		return ratelimit.NewLean(c)
	default:
		return ratelimit.NewClassic(c)
	}
}

// newSMSLimiter makes the limiter of messages to one phone number.
func (s *Service) newSMSLimiter() (*sms.Limiter, error) {
	limiter, err := s.newLimiter("sms", s.stores.sms, s.cfg.SMS)
	if err != nil {
		return nil, err
	}
	return sms.New(limiter)
}

// restoreLimiters reads back what the process before this one left. Without it
// the limiters work, too, and have forgotten a window at most.
func (s *Service) restoreLimiters(ctx context.Context) {
	if err := s.eachLocal(func(l *ratelimit.Local) error { return l.Restore(ctx) }); err != nil {
		s.logger.Warn("limiters start without a part of their history", "error", err)
	}
}

// eachLocal calls f for all limiters at once.
func (s *Service) eachLocal(f func(*ratelimit.Local) error) error {
	errs := make([]error, len(s.locals))
	var calls sync.WaitGroup
	for i, l := range s.locals {
		calls.Go(func() { errs[i] = f(l) })
	}
	calls.Wait()
	return errors.Join(errs...)
}
