package faults

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// field is one field of a Fault, by the name that it has in specs, in JSON and in
// errors.
type field struct {
	name string
	bare bool // a number or a boolean: JSON has it without quotes
	set  func(f *Fault, text string) error
	get  func(f *Fault) string // "" where it is not set
}

// fields are all fields, in the order in which they are shown.
var fields = []field{
	text("name", func(f *Fault) *string { return &f.Name }),
	{"probability", true, setProbability, getProbability},
	number("count", func(f *Fault) *int { return &f.Count }),
	text("component", func(f *Fault) *string { return &f.Component }),
	text("transport", func(f *Fault) *string { return &f.Transport }),
	text("command", func(f *Fault) *string { return &f.Command }),
	text("door", func(f *Fault) *string { return &f.Door }),
	duration("after", func(f *Fault) *time.Duration { return &f.After }),
	duration("for", func(f *Fault) *time.Duration { return &f.For }),
	duration("every", func(f *Fault) *time.Duration { return &f.Every }),
	duration("delay", func(f *Fault) *time.Duration { return &f.Delay }),
	duration("jitter", func(f *Fault) *time.Duration { return &f.Jitter }),
	number("rate", func(f *Fault) *int64 { return &f.Rate }),
	text("direction", func(f *Fault) *string { return &f.Direction }),
	number("bytes", func(f *Fault) *int64 { return &f.Bytes }),
	number("code", func(f *Fault) *int { return &f.Code }),
	duration("retry-after", func(f *Fault) *time.Duration { return &f.RetryAfter }),
	{"json", true, setJSON, getJSON},
	text("text", func(f *Fault) *string { return &f.Text }),
	duration("downtime", func(f *Fault) *time.Duration { return &f.Downtime }),
	duration("by", func(f *Fault) *time.Duration { return &f.By }),
}

// set sets a field by name; "kind" is one too.
func set(f *Fault, name, value string) error {
	if name == "kind" {
		f.Kind = Kind(value)
		return nil
	}
	for _, field := range fields {
		if field.name == name {
			return field.set(f, value)
		}
	}
	return fmt.Errorf("%s: there is no such field; a fault has kind, %s", clip(name), fieldNames())
}

func fieldNames() string {
	names := make([]string, 0, len(fields))
	for _, field := range fields {
		names = append(names, field.name)
	}
	return strings.Join(names, ", ")
}

// clip keeps what somebody sent short and printable.
func clip(text string) string {
	const most = 64
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strconv.Quote(text)
}

func text(name string, at func(*Fault) *string) field {
	return field{
		name: name,
		set:  func(f *Fault, text string) error { *at(f) = text; return nil },
		get:  func(f *Fault) string { return *at(f) },
	}
}

func number[T int | int64](name string, at func(*Fault) *T) field {
	return field{
		name: name,
		bare: true,
		set: func(f *Fault, text string) error {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || int64(T(n)) != n {
				return fmt.Errorf("%s is %s: give a whole number", name, clip(text))
			}
			*at(f) = T(n)
			return nil
		},
		get: func(f *Fault) string {
			if *at(f) == 0 {
				return ""
			}
			return strconv.FormatInt(int64(*at(f)), 10)
		},
	}
}

func duration(name string, at func(*Fault) *time.Duration) field {
	return field{
		name: name,
		set: func(f *Fault, text string) error {
			d, err := time.ParseDuration(text)
			if err != nil {
				return fmt.Errorf("%s is %s: give a duration such as 200ms or 2h", name, clip(text))
			}
			*at(f) = d
			return nil
		},
		get: func(f *Fault) string {
			if *at(f) == 0 {
				return ""
			}
			return at(f).String()
		},
	}
}

func setProbability(f *Fault, text string) error {
	p, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return fmt.Errorf("probability is %s: give a number from 0 to 1", clip(text))
	}
	f.Probability = &p
	return nil
}

func getProbability(f *Fault) string {
	if f.Probability == nil {
		return ""
	}
	return strconv.FormatFloat(*f.Probability, 'g', -1, 64)
}

func setJSON(f *Fault, text string) error {
	yes, err := strconv.ParseBool(text)
	if err != nil {
		return fmt.Errorf("json is %s: give true or false", clip(text))
	}
	f.JSON = yes
	return nil
}

func getJSON(f *Fault) string {
	if !f.JSON {
		return ""
	}
	return "true"
}
