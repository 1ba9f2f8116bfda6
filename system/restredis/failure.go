package restredis

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// errTooLong is a response body over maxResponse.
var errTooLong = fmt.Errorf("the reply is longer than %d bytes", maxResponse)

// noAnswer classifies the error of an exchange without a usable response.
func (c *Client) noAnswer(ctx context.Context, command string, err error) *Error {
	switch {
	case errors.Is(err, errTooLong):
		return &Error{Kind: KindTooLarge, Command: command, Message: err.Error() + "; read fewer or smaller values at a time", Err: err}
	case c.life.Err() != nil || ctx.Err() != nil:
		failure := c.interrupted(ctx, command)
		failure.Err = err
		if cause := ctx.Err(); cause != nil {
			failure.Err = cause
		}
		if failure.Kind == KindNetwork {
			c.network.Add(1)
		}
		return failure
	}
	c.network.Add(1)
	message := scrub(err.Error(), c.cfg.Token, nil)
	if errors.Is(err, context.DeadlineExceeded) {
		message = fmt.Sprintf("no answer within %v", c.cfg.Timeout)
	}
	return &Error{Kind: KindNetwork, Command: command, Message: message, Err: err}
}

// interrupted is the error of a call that the caller's context, or Close, ended.
// A deadline that passes without an answer is a network error.
func (c *Client) interrupted(ctx context.Context, command string) *Error {
	switch {
	case c.life.Err() != nil:
		return &Error{Kind: KindClosed, Command: command, Message: "the client was closed meanwhile"}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &Error{Kind: KindNetwork, Command: command, Message: "no answer before the caller's deadline"}
	default:
		return &Error{Kind: KindCanceled, Command: command, Message: "canceled by the caller"}
	}
}

// refused is the error of a response that is not a success; text is its error
// text, "" for none.
func (c *Client) refused(r request, status int, text string) *Error {
	failure := &Error{Kind: kindOfStatus(status, text), Command: r.command, Status: status}
	switch {
	case text != "":
		failure.Message = c.scrubFor(r.commands, text)
	case failure.Kind == KindAuth:
		failure.Message = "the token was not accepted"
	case failure.Kind == KindProtocol:
		failure.Message = "the answer is not the REST API's; is the URL right?"
	default:
		failure.Message = strings.ToLower(http.StatusText(status))
	}
	return failure
}

// scrubFor cleans a server's text of the token and of the commands' arguments.
func (c *Client) scrubFor(commands [][]string, text string) string {
	var secrets []string
	for _, args := range commands {
		secrets = append(secrets, args[1:]...)
	}
	return scrub(text, c.cfg.Token, secrets)
}

// withoutURL takes the URL, which may hold keys, off an error of net/http.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
