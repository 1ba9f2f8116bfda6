package restredis

import (
	"errors"
	"fmt"
	"strings"
)

// What errors.Is finds in the errors of this package.
var (
	ErrConfig    = errors.New("restredis: invalid configuration")
	ErrArgument  = errors.New("restredis: invalid argument")         // nothing was sent
	ErrAuth      = errors.New("restredis: not authorized")           // token wrong or without permission
	ErrQuota     = errors.New("restredis: quota exhausted")          // commands, bandwidth or data size of the plan
	ErrThrottled = errors.New("restredis: throttled")                // status 429
	ErrServer    = errors.New("restredis: server error")             // status 5xx
	ErrNetwork   = errors.New("restredis: network error")            // no answer: dial, EOF, reset, timeout
	ErrCommand   = errors.New("restredis: command error")            // Redis refused or failed the command
	ErrTooLarge  = errors.New("restredis: request or reply too big") // here or at Upstash
	ErrProtocol  = errors.New("restredis: not the REST API's reply") // wrong URL, proxy page, broken encoding
	ErrDecode    = errors.New("restredis: value is not the JSON expected")
	ErrScan      = errors.New("restredis: scan does not end")
	ErrCanceled  = errors.New("restredis: canceled") // by the caller's context
	ErrClosed    = errors.New("restredis: client is closed")
)

// Kind classifies an Error.
type Kind string

// The kinds of errors, each with a sentinel of the same name.
const (
	KindArgument  Kind = "argument"
	KindAuth      Kind = "auth"
	KindQuota     Kind = "quota"
	KindThrottled Kind = "throttled"
	KindServer    Kind = "server"
	KindNetwork   Kind = "network"
	KindCommand   Kind = "command"
	KindTooLarge  Kind = "too large"
	KindProtocol  Kind = "protocol"
	KindDecode    Kind = "decode"
	KindScan      Kind = "scan"
	KindCanceled  Kind = "canceled"
	KindClosed    Kind = "closed"
)

var sentinels = map[Kind]error{
	KindArgument: ErrArgument, KindAuth: ErrAuth, KindQuota: ErrQuota, KindThrottled: ErrThrottled,
	KindServer: ErrServer, KindNetwork: ErrNetwork, KindCommand: ErrCommand, KindTooLarge: ErrTooLarge,
	KindProtocol: ErrProtocol, KindDecode: ErrDecode, KindScan: ErrScan, KindCanceled: ErrCanceled, KindClosed: ErrClosed,
}

// Error is what every method returns when it fails.
type Error struct {
	Kind    Kind
	Command string // upper-case name; PIPELINE or MULTI-EXEC for a batch as a whole
	Status  int    // HTTP status, 0 when there was no answer
	Message string // Redis' own text where there is one; no token, keys or values
	Err     error  // the cause, for errors.Is and errors.As; its text is not printed
}

// Error names the command, the kind, the status and the message.
func (e *Error) Error() string {
	status := ""
	if e.Status != 0 {
		status = fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	return fmt.Sprintf("restredis: %s: %s%s: %s", e.Command, e.Kind, status, e.Message)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the sentinel of the error's kind.
func (e *Error) Is(target error) bool { return target == sentinels[e.Kind] }

// texts maps parts of Redis' and Upstash's error texts to kinds. Anything else
// is a command error.
var texts = []struct {
	part string
	kind Kind
}{
	{"WRONGPASS", KindAuth},
	{"NOAUTH", KindAuth},
	{"NOPERM", KindAuth},
	{"ERR max requests limit exceeded", KindQuota},
	{"ERR max daily request limit exceeded", KindQuota},
	{"ERR max bandwidth limit exceeded", KindQuota},
	{"ERR DB capacity quota exceeded", KindQuota},
	{"ERR max request size exceeded", KindTooLarge},
}

// kindOfText classifies an error text of a server that did answer.
func kindOfText(text string) Kind {
	for _, t := range texts {
		if strings.HasPrefix(text, t.part) {
			return t.kind
		}
	}
	return KindCommand
}

// kindOfStatus classifies an HTTP status, with the error text of its body.
func kindOfStatus(status int, text string) Kind {
	switch {
	case status == 401 || status == 403:
		return KindAuth
	case status == 413:
		return KindTooLarge
	case status == 429:
		return KindThrottled
	case status >= 500:
		return KindServer
	case text == "" || (status != 200 && status != 400):
		return KindProtocol
	default:
		return kindOfText(text)
	}
}

// maxMessage bounds the text that an error takes over from a server.
const maxMessage = 300

// scrub makes a server's text fit for an error: one line, bounded, without the
// token and without arguments of the command that the server may quote.
func scrub(text, token string, secrets []string) string {
	text = strings.ReplaceAll(text, token, "(hidden)")
	for _, s := range secrets {
		if len(s) >= 4 {
			text = strings.ReplaceAll(text, s, "(hidden)")
		}
	}
	text = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text)
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "..."
	}
	return text
}
