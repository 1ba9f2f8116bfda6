package config

import (
	"errors"
	"reflect"
	"sort"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Load reads the configuration from environ, a map from variable to value, and
// validates it. A variable that is unset or empty takes its default. The error
// is an *Error with every problem found.
func Load(environ map[string]string) (Config, error) {
	if environ == nil { // env takes nil for the environment of the process
		environ = map[string]string{}
	}
	vars := defaults()
	problems := parseProblems(env.ParseWithOptions(&vars, env.Options{Environment: environ}), environ)
	cfg := vars.config()
	problems = append(problems, cfg.problems()...)
	if len(problems) > 0 {
		return Config{}, inOrder(problems)
	}
	return cfg, nil
}

// Validate reports every problem of the configuration as an *Error. Problems
// name environment variables, however the configuration was made.
func (c Config) Validate() error {
	if problems := c.problems(); len(problems) > 0 {
		return inOrder(problems)
	}
	return nil
}

// parseProblems turns the errors of the env package, which name struct fields
// and Go types, into problems that name variables.
func parseProblems(err error, environ map[string]string) []Problem {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return nil
	}
	var problems []Problem
	for _, e := range all.Errors {
		var parse env.ParseError
		if !errors.As(e, &parse) {
			continue
		}
		field, _ := reflect.TypeFor[variables]().FieldByName(parse.Name)
		name := field.Tag.Get("env")
		problems = append(problems, Problem{name, shown(environ[name]), typeAdvice(field.Type)})
	}
	return problems
}

// typeAdvice says how a value of the type is written.
func typeAdvice(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "not a duration; write a number with its unit, such as 250ms, 10s or 1h"
	case t.Kind() == reflect.Bool:
		return "neither true nor false; write one of them"
	default:
		return "not a whole number; write digits only, such as 10"
	}
}

// inOrder arranges problems as the table of variables lists them.
func inOrder(problems []Problem) *Error {
	rank := map[string]int{}
	for i, f := range reflect.VisibleFields(reflect.TypeFor[variables]()) {
		rank[f.Tag.Get("env")] = i
	}
	sort.SliceStable(problems, func(i, j int) bool { return rank[problems[i].Variable] < rank[problems[j].Variable] })
	return &Error{Problems: problems}
}

// names joins the values of a list for a message: "a, b or c".
func names[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = string(v)
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
