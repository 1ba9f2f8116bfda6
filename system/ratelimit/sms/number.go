package sms

import (
	"errors"
	"fmt"
	"strings"
)

const (
	// minDigits are the fewest digits of a number with its country code (Niue and Saint Helena have 7).
	minDigits = 7
	// maxDigits is E.164's own limit.
	maxDigits = 15
	// maxInput bounds what is read of a number with its punctuation, in bytes.
	maxInput = 64
)

// ErrBadNumber is wrapped by every error of Normalize. Trying again does not help.
var ErrBadNumber = errors.New("sms: bad phone number")

// Normalize returns the number as "+" and digits. It takes an international number that begins with "+" or "00", with spaces,
// dashes, dots, slashes and parentheses between the digits. The error wraps ErrBadNumber, says why, and does not contain the number.
func Normalize(phone string) (string, error) {
	if len(phone) > maxInput {
		return "", bad("it has %d bytes, more than %d", len(phone), maxInput)
	}
	rest := strings.TrimSpace(phone)
	if rest == "" {
		return "", bad("it is empty")
	}
	international := strings.HasPrefix(rest, "+")
	rest = strings.TrimPrefix(rest, "+")
	var digits strings.Builder
	for i, r := range rest {
		switch {
		case r >= '0' && r <= '9':
			digits.WriteRune(r)
		case !strings.ContainsRune(" -./()\u00a0", r):
			return "", bad("character %q at byte %d is none of a number's", r, i)
		}
	}
	number := digits.String()
	if !international {
		if !strings.HasPrefix(number, "00") {
			return "", bad("it lacks its country code: write +<country><number>")
		}
		number = number[2:]
	}
	switch {
	case strings.HasPrefix(number, "0"):
		return "", bad("no country code begins with 0")
	case len(number) < minDigits:
		return "", bad("it has %d digits, fewer than %d", len(number), minDigits)
	case len(number) > maxDigits:
		return "", bad("it has %d digits, more than %d", len(number), maxDigits)
	}
	return "+" + number, nil
}

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrBadNumber, fmt.Sprintf(format, args...))
}
