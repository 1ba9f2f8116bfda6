package reports

import "time"

// SchemaVersion is the version of result.json that this package writes. It goes
// up when a reader of the former version could misread the file; fields that a
// reader may ignore do not raise it. schema/result-v1.schema.json describes it.
const SchemaVersion = 1

// Result is everything known of one run of one scenario. result.json holds it
// whole; the terminal table and the HTML page are drawn from it and nothing else.
type Result struct {
	// SchemaVersion is [SchemaVersion]; 0 is filled in when the result is written.
	SchemaVersion int `json:"schema_version"`
	// Scenario is the scenario's name, such as "phase1".
	Scenario string `json:"scenario"`
	// Title says in a few words what the scenario proves.
	Title string `json:"title"`
	// Stage is the stage under test; Baseline the one it is compared with, "" for none.
	Stage    string `json:"stage"`
	Baseline string `json:"baseline,omitempty"`
	// Profile is the name of the load profile, Seed the seed of everything drawn at random.
	Profile string `json:"profile"`
	Seed    uint64 `json:"seed"`
	// Clock is "real" or "virtual".
	Clock string `json:"clock"`
	// Started and Finished are on the machine's clock, whatever Clock says.
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	// Partial is true when the run was stopped before its end.
	Partial bool `json:"partial"`
	// Decision is drawn from the judgements by [Decide]; "" is filled in when the
	// result is written, and any other decision than theirs is an error.
	Decision   Decision    `json:"decision"`
	Judgements []Judgement `json:"judgements"`
	Charts     []Chart     `json:"charts,omitempty"`
	Tables     []Table     `json:"tables,omitempty"`
	// Notes are what a reader must know of the run as a whole, one sentence each.
	Notes []string `json:"notes,omitempty"`
	Build Build    `json:"build"`
}

// Align is how the cells of a column stand.
type Align string

// The alignments; "" is AlignLeft.
const (
	AlignLeft  Align = "left"
	AlignRight Align = "right"
)

// Column is the head of one column.
type Column struct {
	Name  string `json:"name"`
	Align Align  `json:"align,omitempty"`
}

// Table is figures beside the criteria, such as commands by component. Cells are
// text: use [Format] for numbers.
type Table struct {
	Title   string     `json:"title"`
	Note    string     `json:"note,omitempty"`
	Columns []Column   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// Chart is a line chart. The HTML page draws it; result.json keeps every point.
type Chart struct {
	Title string `json:"title"`
	// Unit is the unit of Y, as for [Format]; XLabel names the X axis with its
	// unit, such as "seconds since start".
	Unit   string      `json:"unit"`
	XLabel string      `json:"x_label"`
	Lines  []Line      `json:"lines"`
	Limits []LimitLine `json:"limits,omitempty"`
}

// Line is one line of a chart; its points are in order of X.
type Line struct {
	Name   string  `json:"name"`
	Points []Point `json:"points"`
}

// Point is one point of a line. A point that is not finite is left out when the
// result is written.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// LimitLine is a horizontal line that marks a limit.
type LimitLine struct {
	Name string  `json:"name"`
	Y    float64 `json:"y"`
}

// Build says what was run and where.
type Build struct {
	// Commit is the git commit of the program, "unknown" when it cannot be told.
	Commit string `json:"commit"`
	// Dirty is true when the working tree differed from the commit.
	Dirty bool `json:"dirty"`
	// Go is the version of the Go tool chain.
	Go string `json:"go"`
	// Modules maps module path to version, for what the program is linked with.
	Modules map[string]string `json:"modules,omitempty"`
	OS      string            `json:"os"`
	Arch    string            `json:"arch"`
	// CPUs is how many cores the process could use.
	CPUs int `json:"cpus"`
}
