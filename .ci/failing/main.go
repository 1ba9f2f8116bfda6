// Command failing prints the criteria that did not pass in a result.json, one a
// line, sorted: the id, a space, the verdict.
package main

import (
	"fmt"
	"os"
	"slices"

	"tollgate/reports"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: failing RESULT.JSON")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "failing:", err)
		os.Exit(3)
	}
}

func run(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	result, err := reports.ReadJSON(f)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var ids []string
	for _, j := range result.Judgements {
		if j.Verdict != reports.Pass {
			ids = append(ids, j.ID+" "+string(j.Verdict))
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		fmt.Fprintln(os.Stdout, id)
	}
	return nil
}
