package main

import (
	"errors"
	"fmt"
	"io"

	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/faults"
)

// addFaults switches on the faults of the flags, which are checked. One may still not be possible here, such as a jump
// of the clock in front of a real Redis.
func addFaults(srv *upstash.Server, specs []string) error {
	for _, spec := range specs {
		fault, err := faults.ParseSpec(spec)
		if err == nil {
			_, err = srv.Faults().Add(fault)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("--fault %q: %w", spec, err), srv.Close())
		}
	}
	return nil
}

// printFaults says how often each fault fired.
func printFaults(w io.Writer, reports []faults.Report) {
	if len(reports) == 0 {
		return
	}
	fmt.Fprintln(w, "faults:")
	for _, r := range reports {
		fmt.Fprintf(w, "  %-20s %s, fired: %d\n", r.Fault.Name, r.Fault.Kind, r.Fired)
	}
}
