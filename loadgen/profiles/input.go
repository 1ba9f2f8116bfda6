package profiles

import (
	"encoding/json"
	"fmt"

	"tollgate/reports"
)

// Input is the profile with the digest of all that is in it, as reports name it. Profiles that differ in any figure have
// different digests, whatever file or flags made them.
func (p Profile) Input() reports.Input {
	data, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("profiles: a profile of numbers and texts cannot be written as JSON: %v", err))
	}
	return reports.NewInput(reports.InputProfile, p.Name, data)
}
