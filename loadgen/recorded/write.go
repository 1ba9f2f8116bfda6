package recorded

import (
	"bytes"
	_ "embed"
	"fmt"
	"text/template"
	"time"

	"tollgate/loadgen/profiles"
)

//go:embed profile.yaml.tmpl
var text string

// moment writes a time to the second.
func moment(t time.Time) string { return t.Format(time.DateTime) }

var profileTemplate = template.Must(template.New("profile").Funcs(template.FuncMap{"moment": moment}).Parse(text))

// write fills the template, and makes sure that the result is a profile.
func (d *draft) write() ([]byte, error) {
	var out bytes.Buffer
	if err := profileTemplate.Execute(&out, d); err != nil {
		return nil, fmt.Errorf("recorded: write the profile: %w", err)
	}
	if _, err := profiles.Parse("recorded profile", out.Bytes(), d.Reference.Queues()); err != nil {
		return nil, fmt.Errorf("recorded: the text that was made is no profile: %w", err)
	}
	return out.Bytes(), nil
}
