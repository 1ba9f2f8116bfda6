package restredis

import (
	"context"
	"crypto/sha1" // Redis names scripts by it
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
)

// Eval runs a Lua script: EVALSHA first, then EVAL when the server does not know
// the script yet. Upstash bills the script and each command that it calls.
// Scripts are not repeated after a lost answer.
func (c *Client) Eval(ctx context.Context, script string, keys []string, args ...any) (any, error) {
	sum := sha1.Sum([]byte(script))
	command := make([]any, 0, 3+len(keys)+len(args))
	command = append(command, "EVALSHA", hex.EncodeToString(sum[:]), strconv.Itoa(len(keys)))
	for _, key := range keys {
		command = append(command, key)
	}
	command = append(command, args...)

	value, err := c.Do(ctx, command...)
	var failure *Error
	if errors.As(err, &failure) && failure.Kind == KindCommand && strings.HasPrefix(failure.Message, "NOSCRIPT") {
		command[0], command[1] = "EVAL", script
		return c.Do(ctx, command...)
	}
	return value, err
}
