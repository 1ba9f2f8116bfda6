package thrift

import "strings"

// The values of a command, as asynq hands them to go-redis. Another Go type than asynq's is refused.

// readText takes a string that is not empty.
func readText(value any, to *string) bool {
	text, ok := value.(string)
	*to = text
	return ok && text != ""
}

// readBytes takes encoded bytes.
func readBytes(value any, to *string) bool {
	data, ok := value.([]byte)
	*to = string(data)
	return ok
}

func readInteger(value any, to *int64) bool {
	switch n := value.(type) {
	case int64:
		*to = n
	case int:
		*to = int64(n)
	default:
		return false
	}
	return true
}

// readSeconds takes a time to live that is not negative.
func readSeconds(value any, to *float64) bool {
	seconds, ok := value.(float64)
	*to = seconds
	return ok && seconds >= 0
}

// isJoined says whether value is the text a+b.
func isJoined(value any, a, b string) bool {
	text, _ := value.(string)
	rest, ok := strings.CutPrefix(text, a)
	return ok && rest == b
}

// queueOf takes the name of the queue from "asynq:{queue}:suffix". The name may hold braces and colons itself, so that it
// is what is left between the two ends.
func queueOf(key, suffix string) (queue string, ok bool) {
	const begin, end = keyPrefix + "{", "}:"
	if len(key) <= len(begin)+len(end)+len(suffix) || key[:len(begin)] != begin || !strings.HasSuffix(key, suffix) {
		return "", false
	}
	queue = key[len(begin) : len(key)-len(suffix)]
	if queue[len(queue)-len(end):] != end {
		return "", false
	}
	return queue[:len(queue)-len(end)], true
}

// isDay says whether text has the form yyyy-mm-dd.
func isDay(text string) bool {
	if len(text) != len("yyyy-mm-dd") {
		return false
	}
	for i := range len(text) {
		if c := text[i]; i == 4 || i == 7 {
			if c != '-' {
				return false
			}
		} else if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
