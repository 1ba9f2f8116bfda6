package engine

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"tollgate/fakes/upstash/resp"
)

// Usage is how much an engine stores, in bytes.
type Usage struct {
	// Bytes is all keys with what is under them.
	Bytes int64
	// Largest is the largest record of those that are within the limit asked for.
	Largest int64
	// Over holds the keys of those that are beyond it.
	Over map[string]bool
}

// add counts one record.
func (u *Usage) add(key string, size, limit int64) {
	u.Bytes += size
	if limit <= 0 || size <= limit {
		u.Largest = max(u.Largest, size)
		return
	}
	if u.Over == nil {
		u.Over = map[string]bool{}
	}
	u.Over[key] = true
}

// Sizer is an Engine that can measure itself faster than Measure could.
type Sizer interface {
	// Usage says how much is stored. limit is the size of a record beyond which its
	// key is in Usage.Over; 0 means none.
	Usage(ctx context.Context, limit int64) (Usage, error)
}

// scanCount is how many keys are measured at one time.
const scanCount = 1000

// Measure says how much e stores; limit is as of Sizer. An engine that is no Sizer
// is asked on a connection of its own, with SCAN and MEMORY USAGE, which takes time
// in proportion to the number of keys and includes what Redis needs for itself.
// Upstash bills these commands, and Stats counts them.
func Measure(ctx context.Context, e Engine, limit int64) (Usage, error) {
	if sizer, ok := e.(Sizer); ok {
		return sizer.Usage(ctx, limit)
	}
	conn, err := e.Dial(ctx)
	if err != nil {
		return Usage{}, fmt.Errorf("engine: measure the data: %w", err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	usage, err := survey{conn, bufio.NewReader(conn)}.run(limit)
	if err != nil {
		return Usage{}, fmt.Errorf("engine: measure the data: %w", err)
	}
	return usage, nil
}

// survey measures a Redis over a connection.
type survey struct {
	conn net.Conn
	from *bufio.Reader
}

func (s survey) run(limit int64) (usage Usage, err error) {
	for cursor := "0"; ; {
		var keys []string
		if cursor, keys, err = s.scan(cursor); err != nil {
			return usage, err
		}
		if err = s.measure(&usage, keys, limit); err != nil {
			return usage, err
		}
		if cursor == "0" {
			return usage, nil
		}
	}
}

func (s survey) scan(cursor string) (next string, keys []string, err error) {
	page, err := s.ask(1, resp.AppendCommand(nil, []byte("SCAN"), []byte(cursor), []byte("COUNT"), strconv.AppendInt(nil, scanCount, 10)))
	if err != nil {
		return "", nil, err
	}
	if len(page[0].Array) != 2 {
		return "", nil, fmt.Errorf("SCAN was answered with %v", page[0])
	}
	for _, key := range page[0].Array[1].Array {
		keys = append(keys, string(key.Str))
	}
	return string(page[0].Array[0].Str), keys, nil
}

// measure adds the records of keys. One that is gone meanwhile has no size.
func (s survey) measure(usage *Usage, keys []string, limit int64) error {
	var raw []byte
	for _, key := range keys {
		raw = resp.AppendCommand(raw, []byte("MEMORY"), []byte("USAGE"), []byte(key))
	}
	sizes, err := s.ask(len(keys), raw)
	if err != nil {
		return err
	}
	for i, key := range keys {
		usage.add(key, sizes[i].Int, limit)
	}
	return nil
}

// ask sends commands and reads as many replies.
func (s survey) ask(replies int, commands []byte) (got []resp.Value, err error) {
	if _, err := s.conn.Write(commands); err != nil {
		return nil, err
	}
	for range replies {
		v, err := resp.ReadValue(s.from, resp.Limits{})
		if err != nil {
			return nil, err
		}
		if v.IsError() {
			return nil, fmt.Errorf("the engine answers: %s", v.Text())
		}
		got = append(got, v)
	}
	return got, nil
}
