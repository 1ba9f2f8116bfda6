package reports

// ctrfReport and what it is made of are the part of CTRF that is written, field by
// field as in schema/ctrf.schema.json.
type ctrfReport struct {
	ReportFormat string      `json:"reportFormat"`
	SpecVersion  string      `json:"specVersion"`
	GeneratedBy  string      `json:"generatedBy"`
	Results      ctrfResults `json:"results"`
}

type ctrfResults struct {
	Tool        ctrfTool        `json:"tool"`
	Summary     ctrfSummary     `json:"summary"`
	Tests       []ctrfTest      `json:"tests"`
	Environment ctrfEnvironment `json:"environment"`
	Extra       ctrfExtra       `json:"extra"`
}

type ctrfTool struct {
	Name string `json:"name"`
}

type ctrfSummary struct {
	Tests   int   `json:"tests"`
	Passed  int   `json:"passed"`
	Failed  int   `json:"failed"`
	Skipped int   `json:"skipped"`
	Pending int   `json:"pending"` // required by the format; nothing is ever pending
	Other   int   `json:"other"`   // required by the format; every verdict has a status of its own
	Suites  int   `json:"suites"`
	Start   int64 `json:"start"`
	Stop    int64 `json:"stop"`
}

type ctrfTest struct {
	Name      string        `json:"name"`
	Status    string        `json:"status"`
	RawStatus string        `json:"rawStatus"`
	Duration  int64         `json:"duration"`
	Start     int64         `json:"start"`
	Stop      int64         `json:"stop"`
	Suite     []string      `json:"suite"`
	Message   string        `json:"message,omitempty"`
	Extra     ctrfTestExtra `json:"extra"`
}

type ctrfTestExtra struct {
	Verdict     string `json:"verdict"`
	Value       string `json:"value"`
	Limit       string `json:"limit,omitempty"`
	Unit        string `json:"unit,omitempty"`
	Margin      string `json:"margin,omitempty"`
	How         string `json:"how,omitempty"`
	Requirement string `json:"requirement,omitempty"`
	Metric      string `json:"metric,omitempty"`
	Samples     int64  `json:"samples"`
	Note        string `json:"note,omitempty"`
	Evidence    string `json:"evidence,omitempty"`
}

type ctrfEnvironment struct {
	ReportName string               `json:"reportName"`
	BuildName  string               `json:"buildName,omitempty"`
	Commit     string               `json:"commit,omitempty"`
	OSPlatform string               `json:"osPlatform,omitempty"`
	Extra      ctrfEnvironmentExtra `json:"extra"`
}

type ctrfEnvironmentExtra struct {
	Go   string `json:"go,omitempty"`
	Arch string `json:"arch,omitempty"`
	CPUs int    `json:"cpus,omitempty"`
	CPU  string `json:"cpu,omitempty"`
}

type ctrfExtra struct {
	Runs []ctrfRun `json:"runs"`
}

type ctrfRun struct {
	Scenario string `json:"scenario"`
	Title    string `json:"title,omitempty"`
	Decision string `json:"decision"`
	Summary  string `json:"summary"`
	Stage    string `json:"stage,omitempty"`
	Baseline string `json:"baseline,omitempty"`
	Profile  string `json:"profile,omitempty"`
	Seed     uint64 `json:"seed"`
	Clock    string `json:"clock,omitempty"`
	Commit   string `json:"commit,omitempty"`
}
