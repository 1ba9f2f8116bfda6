package commands

import (
	"fmt"
	"strings"
)

// TooLarge is what a request is booked as that was too large to be read.
const TooLarge = "(too large)"

// RequestTooLarge is what Upstash says of a request, or a result, of more bytes than the plan allows.
func RequestTooLarge(limit, actual int64) string {
	return fmt.Sprintf("ERR max request size exceeded. Limit: %d bytes, Actual: %d bytes. "+
		"See https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded for details", limit, actual)
}

// Unavailable is what Upstash says of a command that it does not have. name is as Name gives it.
func Unavailable(name string) string {
	return fmt.Sprintf("ERR Command is not available: '%s'. See https://upstash.com/docs/redis/overall/rediscompatibility for details", name)
}

// NotOverREST is what Upstash's REST API says of a command that makes no sense there.
func NotOverREST(name string) string {
	return fmt.Sprintf("ERR Command %q is not allowed in REST or it has a special context path", name)
}

// NoPermission is what a caller hears of a command that it may not use.
func NoPermission(name string) string {
	return fmt.Sprintf("NOPERM this user has no permissions to run the '%s' command or its subcommand", lower(name))
}

// WrongArity is what Upstash says of a command with too few or too many words.
func WrongArity(name string) string {
	return fmt.Sprintf("ERR wrong number of arguments for '%s' command", lower(name))
}

// lower turns "CLIENT SETNAME" into "client|setname", which is how Redis prints names in errors.
func lower(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), " ", "|")
}
