package reports

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// SchemaVersion is the version of result.json that this package writes. It goes
// up when a reader of the former version could misread the file; fields that a
// reader may ignore do not raise it. schema/result-v2.schema.json describes it.
// Version 1 had no histograms, inputs, segments and kinds of charts, and is read too.
const SchemaVersion = 2

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
	// Histograms are the latencies, whole; percentiles are drawn from them.
	Histograms []Histogram `json:"histograms,omitempty"`
	// Notes are what a reader must know of the run as a whole, one sentence each.
	Notes []string `json:"notes,omitempty"`
	// WayBack says how to take the stage back when it does not hold after all; "" where there is nothing to take back.
	WayBack string `json:"way_back,omitempty"`
	// Inputs are what the run was made from and judged by, with their digests.
	Inputs []Input `json:"inputs,omitempty"`
	// Segment says which part of a split run this is; nil for a whole one.
	Segment *Segment `json:"segment,omitempty"`
	Build   Build    `json:"build"`
}

// FillHow says how the figures were got of every table and chart that does not say it itself.
func (r *Result) FillHow(how How) {
	for i := range r.Tables {
		r.Tables[i].How = cmp.Or(r.Tables[i].How, how)
	}
	for i := range r.Charts {
		r.Charts[i].How = cmp.Or(r.Charts[i].How, how)
	}
}

// The kinds of inputs.
const (
	InputCriteria = "criteria"
	InputProfile  = "profile"
)

// Input is a file that decided what was run or how it was judged.
type Input struct {
	Kind string `json:"kind"` // InputCriteria or InputProfile
	Name string `json:"name"` // its name: "scenarios/criteria/phase1.yaml", "phase"
	// SHA256 is its digest in hexadecimal: two runs with the same one had the same.
	SHA256 string `json:"sha256"`
}

// NewInput digests an input.
func NewInput(kind, name string, data []byte) Input {
	sum := sha256.Sum256(data)
	return Input{Kind: kind, Name: name, SHA256: hex.EncodeToString(sum[:])}
}

// Segment is the part that one of several machines had of a run.
type Segment struct {
	Index int `json:"index"` // from 1 to Of
	Of    int `json:"of"`
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
	Title string `json:"title"`
	Note  string `json:"note,omitempty"`
	// How says how the figures were got; "" where the note or the result's Clock does.
	How     How        `json:"how,omitempty"`
	Columns []Column   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// ChartKind says how a chart is drawn.
type ChartKind string

const (
	// ChartLines draws each line for itself; "" means the same.
	ChartLines ChartKind = "lines"
	// ChartStacked draws areas one on top of the other: at each X the lines add up.
	// All lines have the same X.
	ChartStacked ChartKind = "stacked"
	// ChartBars draws a horizontal bar for each of Categories; the lines are its parts,
	// each with a point of X 0 for the first category, 1 for the second and so on. A
	// category without a point has no such part.
	ChartBars ChartKind = "bars"
)

// Chart is figures as a picture. The HTML page draws it; result.json keeps every point.
type Chart struct {
	Title string    `json:"title"`
	Kind  ChartKind `json:"kind,omitempty"`
	// Note says what a reader must know of it; may be empty.
	Note string `json:"note,omitempty"`
	// How says how the figures were got; "" where the note or the result's Clock does.
	How How `json:"how,omitempty"`
	// Unit is the unit of Y, as for [Format]; XLabel names the X axis with its
	// unit, such as "seconds since start".
	Unit   string `json:"unit"`
	XLabel string `json:"x_label"`
	// Categories are the names of the bars, from top to bottom; of ChartBars only.
	Categories []string    `json:"categories,omitempty"`
	Lines      []Line      `json:"lines"`
	Limits     []LimitLine `json:"limits,omitempty"`
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
	// CPUs is how many cores the process could use, CPU their model, "" when it cannot be told.
	CPUs int    `json:"cpus"`
	CPU  string `json:"cpu,omitempty"`
	// MemoryBytes is the memory of the machine, 0 when it cannot be told.
	MemoryBytes uint64 `json:"memory_bytes,omitempty"`
}
