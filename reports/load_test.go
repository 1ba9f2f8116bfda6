package reports_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

var knownMetrics = []reports.Metric{
	{Name: "stage.connections.peak", Unit: "count", Text: "most connections at once"},
	{Name: "api.p95", Unit: "ms", Text: "API p95 latency"},
	{Name: "jobs.success_rate", Unit: "percent", Text: "jobs that succeeded", Dimensions: []reports.Dimension{
		{Name: "queue", Values: []string{"token-refresh", "calendar-sync"}}, {Name: "tier", Values: []string{"critical"}},
	}},
}

const goodSet = `# a comment
scenario: phase1
criteria:
  - id: phase1-connections
    requirement: R6
    metric: stage.connections.peak
    operator: "between"
    limit: 33
    upper: 36
    unit: count
    text: Most Redis connections this stage held at once
  - id: phase1-api.p95
    requirement: R21
    metric: api.p95
    operator: "<="
    limit: 12.5
    unit: ms
    text: "API p95: latency"
`

func TestLoadSet(t *testing.T) {
	set, err := reports.LoadSet("phase1.yaml", []byte(goodSet), knownMetrics)
	require.NoError(t, err)
	require.Equal(t, reports.Set{Scenario: "phase1", Inputs: []reports.Input{reports.NewInput(reports.InputCriteria, "phase1.yaml", []byte(goodSet))}, Criteria: []reports.Criterion{
		{ID: "phase1-connections", Requirement: "R6", Metric: "stage.connections.peak", Operator: reports.Between, Limit: 33, Upper: ptr(36), Unit: "count", Text: "Most Redis connections this stage held at once"},
		{ID: "phase1-api.p95", Requirement: "R21", Metric: "api.p95", Operator: reports.AtMost, Limit: 12.5, Unit: "ms", Text: "API p95: latency"},
	}}, set)
}

func TestLoadSetProblems(t *testing.T) {
	replace := func(old, with string) string {
		require.Contains(t, goodSet, old)
		return strings.Replace(goodSet, old, with, 1)
	}
	tests := map[string]struct{ data, want string }{
		"empty":               {"", "f.yaml:1: the file is empty: it needs scenario and criteria"},
		"only a comment":      {"# nothing\n", "f.yaml:1: the file is empty: it needs scenario and criteria"},
		"no mapping":          {"- a\n", "f.yaml:1: the file must have the fields scenario, criteria"},
		"not YAML":            {"scenario: phase1\n  bad: [", "f.yaml:2: not YAML: mapping values are not allowed in this context (operators stand in quotes: \">=\")"},
		"bare operator":       {replace(`"<="`, `>=`), "f.yaml:15: not YAML: did not find expected comment or line break (operators stand in quotes: \">=\")"},
		"two documents":       {goodSet + "---\nscenario: x\n", "f.yaml:19: a second document begins here: keep one document a file"},
		"broken second":       {goodSet + "---\n[", "f.yaml:20: not YAML: did not find expected node content (operators stand in quotes: \">=\")"},
		"no scenario":         {replace("scenario: phase1\n", ""), "f.yaml:2: the file: scenario is missing"},
		"no criteria":         {"scenario: phase1\n", "f.yaml:1: criteria is missing: list at least one criterion"},
		"criteria no list":    {"scenario: phase1\ncriteria: 5\n", "f.yaml:2: criteria must be a list, each entry beginning with \"- id:\""},
		"criteria empty":      {"scenario: phase1\ncriteria: []\n", "f.yaml:2: criteria is empty: a set without criteria would prove nothing"},
		"criterion no map":    {goodSet + "  - just text\n", "f.yaml:19: criterion 3 must have the fields id, requirement, metric, of, each, operator, limit, upper, unit, text"},
		"unknown field":       {replace("limit: 12.5", "limit: 12.5\n    tolerance: 1"), `f.yaml:17: criterion 2: unknown field "tolerance": use id, requirement, metric, of, each, operator, limit, upper, unit, text`},
		"unknown top field":   {"stage: x\n" + goodSet, `f.yaml:1: the file: unknown field "stage": use scenario, criteria`},
		"doubled field":       {replace("limit: 12.5", "limit: 12.5\n    limit: 13"), "f.yaml:17: criterion 2: limit is given twice, first on line 16"},
		"key is no name":      {replace("limit: 12.5", "limit: 12.5\n    [a]: 13"), `f.yaml:17: criterion 2: unknown field "": use id, requirement, metric, of, each, operator, limit, upper, unit, text`},
		"unknown metric":      {replace("metric: api.p95", "metric: api.p59"), `f.yaml:14: criterion phase1-api.p95: unknown metric "api.p59": use one of stage.connections.peak, api.p95, jobs.success_rate`},
		"wrong unit":          {replace("unit: ms", "unit: s"), `f.yaml:17: criterion phase1-api.p95: unit "s": api.p95 is measured in "ms"`},
		"unknown operator":    {replace(`"<="`, `"=<"`), `f.yaml:15: criterion phase1-api.p95: unknown operator "=<": use one of "<=", ">=", "<", ">", "==", "between"`},
		"between no upper":    {replace("    upper: 36\n", ""), `f.yaml:4: criterion phase1-connections: "between" needs upper, the highest value that still passes`},
		"upper no between":    {replace("limit: 12.5", "limit: 12.5\n    upper: 13"), `f.yaml:17: criterion phase1-api.p95: upper goes with the operator "between" only, not with "<="`},
		"upper below limit":   {replace("upper: 36", "upper: 32"), "f.yaml:9: criterion phase1-connections: upper 32 is below limit 33: nothing could pass"},
		"upper no number":     {replace("upper: 36", "upper: many"), `f.yaml:9: criterion phase1-connections: upper must be a number, not "many"`},
		"duplicate id":        {replace("id: phase1-api.p95", "id: phase1-connections"), `f.yaml:12: id "phase1-connections" is taken by the criterion on line 4: every criterion needs its own`},
		"odd id":              {replace("id: phase1-api.p95", "id: API p95"), `f.yaml:12: id "API p95": use lower-case letters, digits, dots and dashes`},
		"requirement 0":       {replace("R21", "R0"), `f.yaml:13: criterion phase1-api.p95: unknown requirement "R0": use R1 to R21`},
		"requirement 22":      {replace("R21", "R22"), `f.yaml:13: criterion phase1-api.p95: unknown requirement "R22": use R1 to R21`},
		"NaN":                 {replace("12.5", ".nan"), "f.yaml:16: criterion phase1-api.p95: limit must be a finite number, not .nan"},
		"infinite":            {replace("12.5", "-.inf"), "f.yaml:16: criterion phase1-api.p95: limit must be a finite number, not -.inf"},
		"limit as text":       {replace("12.5", `"12.5"`), `f.yaml:16: criterion phase1-api.p95: limit must be a number, not "12.5"`},
		"limit null":          {replace("12.5", "~"), `f.yaml:16: criterion phase1-api.p95: limit must be a number, not "~"`},
		"limit missing":       {replace("    limit: 12.5\n", ""), "f.yaml:12: criterion phase1-api.p95: limit is missing"},
		"text missing":        {replace("    text: \"API p95: latency\"\n", ""), "f.yaml:12: criterion phase1-api.p95: text is missing"},
		"text empty":          {replace(`"API p95: latency"`, `" "`), "f.yaml:18: criterion phase1-api.p95: text must be one line of text"},
		"text with escape":    {replace(`"API p95: latency"`, `"a\eb"`), "f.yaml:18: criterion phase1-api.p95: text must be one line of text"},
		"text is a list":      {replace(`"API p95: latency"`, `[a]`), "f.yaml:18: criterion phase1-api.p95: text must be text"},
		"alias instead":       {replace("text: Most", "text: &t Most") + "  - *t\n", "f.yaml:19: criterion 3 must have the fields id, requirement, metric, of, each, operator, limit, upper, unit, text"},
		"alias as text":       {strings.Replace(replace("text: Most", "text: &t Most"), `"API p95: latency"`, "*t", 1), "f.yaml:18: criterion phase1-api.p95: text must be text"},
		"unknown op, upper":   {replace(`"between"`, `"betwixt"`), `f.yaml:7: criterion phase1-connections: unknown operator "betwixt": use one of "<=", ">=", "<", ">", "==", "between"`},
		"more than is sane":   {"# " + strings.Repeat("x", 1<<20), "f.yaml:1: the file has 1048578 bytes, more than the 1048576 a criteria file may have"},
		"scenario is a digit": {replace("scenario: phase1", "scenario: 1"), "f.yaml:2: the file: scenario must be text"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			set, err := reports.LoadSet("f.yaml", []byte(tt.data), knownMetrics)
			require.EqualError(t, err, tt.want)
			require.Zero(t, set)
		})
	}
}

func TestScenarioOf(t *testing.T) {
	require.Equal(t, "phase1", reports.ScenarioOf([]byte(goodSet)))
	for _, none := range []string{"", "criteria: []", "scenario: [a]", "{", "- a"} {
		require.Empty(t, reports.ScenarioOf([]byte(none)), none)
	}
}

// perPart is a set with one criterion about jobs, with more lines in it.
func perPart(lines string) []byte {
	return []byte("scenario: s\ncriteria:\n  - id: jobs\n    requirement: R12\n    metric: jobs.success_rate\n    operator: \">\"\n" +
		"    limit: 95\n    unit: percent\n    text: Jobs that succeeded\n" + lines)
}

func TestLoadSetOfParts(t *testing.T) {
	whole := reports.Criterion{ID: "jobs", Requirement: "R12", Metric: "jobs.success_rate", Operator: reports.Above, Limit: 95, Unit: "percent", Text: "Jobs that succeeded"}
	of := func(id, text, dimension, value string) reports.Criterion {
		c := whole
		c.ID, c.Text, c.Of = id, text, &reports.Part{Dimension: dimension, Value: value}
		return c
	}
	for lines, want := range map[string][]reports.Criterion{
		"":                                 {whole},
		"    of: {queue: calendar-sync}\n": {of("jobs", "Jobs that succeeded", "queue", "calendar-sync")},
		"    each: queue\n": {
			of("jobs.token-refresh", "Jobs that succeeded: token-refresh", "queue", "token-refresh"),
			of("jobs.calendar-sync", "Jobs that succeeded: calendar-sync", "queue", "calendar-sync"),
		},
	} {
		set, err := reports.LoadSet("f.yaml", perPart(lines), knownMetrics)
		require.NoError(t, err)
		require.Equal(t, want, set.Criteria)
	}
}

func TestLoadSetOfPartsProblems(t *testing.T) {
	for lines, want := range map[string]string{
		"    of: {queue: a}\n    each: queue\n": "f.yaml:11: criterion jobs: of names one part and each means all: keep one of them",
		"    of: queue\n":                       "f.yaml:10: criterion jobs: of names one part, such as {queue: token-refresh}",
		"    of: {queue: nope}\n":               `f.yaml:10: criterion jobs: there is no queue "nope": use one of token-refresh, calendar-sync`,
		"    of: {route: x}\n":                  `f.yaml:10: criterion jobs: jobs.success_rate is not measured by "route": use queue, tier`,
		"    each: route\n":                     `f.yaml:10: criterion jobs: jobs.success_rate is not measured by "route": use queue, tier`,
		"    each: queue\n  - id: jobs.calendar-sync\n    requirement: R1\n    metric: api.p95\n    operator: \"<\"\n    limit: 1\n    unit: ms\n    text: x\n    each: queue\n": `f.yaml:11: id "jobs.calendar-sync" is taken by the criterion on line 10: every criterion needs its own
f.yaml:18: criterion jobs.calendar-sync: api.p95 is measured as a whole only: leave out of and each`,
	} {
		_, err := reports.LoadSet("f.yaml", perPart(lines), knownMetrics)
		require.EqualError(t, err, want)
	}
}

// TestJudgePart: a criterion about a part is judged by the part's figure, never by the whole's.
func TestJudgePart(t *testing.T) {
	set, err := reports.LoadSet("f.yaml", perPart("    each: queue\n"), knownMetrics)
	require.NoError(t, err)
	judged := reports.Judge(set, map[string]reports.Measurement{
		"jobs.success_rate":                      measured(99, "percent", 1000),
		"jobs.success_rate{queue=calendar-sync}": measured(94, "percent", 100),
	}, nil)
	require.Equal(t, reports.NoData, judged[0].Verdict)
	require.Equal(t, "jobs.success_rate{queue=token-refresh} was not measured", judged[0].Reason)
	require.Equal(t, reports.Fail, judged[1].Verdict)
}

func TestLoadSetReportsAllProblemsInOrder(t *testing.T) {
	_, err := reports.LoadSet("bad.yaml", []byte(`scenario: phase1
criteria:
  - id: a
    requirement: R99
    metric: nope
    operator: "!="
    limit: .nan
    unit: count
    text: x
  - id: a
    colour: red
`), knownMetrics)
	var problems *reports.SetError
	require.ErrorAs(t, err, &problems)
	require.Equal(t, []string{
		`bad.yaml:4: criterion a: unknown requirement "R99": use R1 to R21`,
		`bad.yaml:5: criterion a: unknown metric "nope": use one of stage.connections.peak, api.p95, jobs.success_rate`,
		`bad.yaml:6: criterion a: unknown operator "!=": use one of "<=", ">=", "<", ">", "==", "between"`,
		`bad.yaml:7: criterion a: limit must be a finite number, not .nan`,
		`bad.yaml:10: id "a" is taken by the criterion on line 3: every criterion needs its own`,
		`bad.yaml:10: criterion a: requirement is missing`,
		`bad.yaml:10: criterion a: metric is missing`,
		`bad.yaml:10: criterion a: operator is missing`,
		`bad.yaml:10: criterion a: unit is missing`,
		`bad.yaml:10: criterion a: text is missing`,
		`bad.yaml:10: criterion a: limit is missing`,
		`bad.yaml:11: criterion 2: unknown field "colour": use id, requirement, metric, of, each, operator, limit, upper, unit, text`,
	}, problems.Problems)
}

func FuzzLoadSet(f *testing.F) {
	f.Add([]byte(goodSet))
	f.Add([]byte("scenario: x\ncriteria: [{id: a, limit: 1_000}]"))
	f.Add([]byte("a: &a [*a]\n<<: *a"))
	f.Add([]byte("? {a: b}\n: c"))
	f.Add([]byte("%YAML 1.1\n---\n!!binary x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := reports.LoadSet("f.yaml", data, knownMetrics)
		if err != nil {
			var problems *reports.SetError
			require.ErrorAs(t, err, &problems)
			require.NotEmpty(t, problems.Problems)
			for _, p := range problems.Problems {
				require.Regexp(t, `^f\.yaml:[0-9]+: `, p)
			}
			require.Zero(t, set)
			return
		}
		require.NotEmpty(t, set.Scenario)
		require.NotEmpty(t, set.Criteria)
		for _, j := range reports.Judge(set, nil, nil) {
			require.Equal(t, reports.NoData, j.Verdict)
			require.True(t, j.Operator.Known())
			require.NotEmpty(t, j.Text)
			require.NotEmpty(t, j.LimitText())
		}
	})
}
