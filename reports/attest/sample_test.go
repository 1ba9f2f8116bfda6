package attest_test

import (
	"crypto/ed25519"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
	"tollgate/reports/attest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The pair of RFC 8410, section 10: published, and in the form that openssl writes.
const (
	privatePEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n"
	publicPEM  = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n"
	// keyID is what openssl and sha256sum make of publicPEM.
	keyID = "a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f"
)

const commit = "7d3f0c1e9ab24c5587b0f6f2a5d1f6f6f2f0a9c4"

// keys loads the pair from files.
func keys(t testing.TB) (ed25519.PrivateKey, ed25519.PublicKey) {
	t.Helper()
	dir := t.TempDir()
	private, public := filepath.Join(dir, "key"), filepath.Join(dir, "pub")
	require.NoError(t, os.WriteFile(private, []byte(privatePEM), 0o600))
	require.NoError(t, os.WriteFile(public, []byte(publicPEM), 0o644))
	key, err := attest.LoadPrivateKey(private)
	require.NoError(t, err)
	pub, err := attest.LoadPublicKey(public)
	require.NoError(t, err)
	return key, pub
}

// other returns a key that signed nothing.
func other(t testing.TB) ed25519.PublicKey {
	t.Helper()
	public, _, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	return public
}

// run is a result with one criterion for each verdict, named scenario-1, scenario-2 and so on.
func run(scenario string, verdicts ...reports.Verdict) reports.Result {
	set := reports.Set{Scenario: scenario}
	measured, skipped := map[string]reports.Measurement{}, map[string]string{}
	for i, v := range verdicts {
		id := scenario + "-" + string(rune('1'+i))
		set.Criteria = append(set.Criteria, reports.Criterion{ID: id, Metric: id, Operator: reports.AtMost, Limit: 3, Unit: "count", Text: id})
		switch v {
		case reports.Pass, reports.Fail:
			m := reports.Measurement{Value: 2, Unit: "count", Samples: 10, How: reports.Measured}
			if v == reports.Fail {
				m.Value = 4
			}
			measured[id] = m
		case reports.Skipped:
			skipped[id] = "belongs to the month"
		case reports.NoData:
		}
	}
	started := time.Date(2026, 11, 23, 20, 50, 12, 0, time.UTC)
	return reports.Result{
		Scenario: scenario, Title: "Sample", Stage: "phase2", Profile: "phase", Seed: 42, Clock: "real",
		Started: started, Finished: started.Add(time.Minute), Judgements: reports.Judge(set, measured, skipped),
		Inputs: []reports.Input{
			reports.NewInput(reports.InputProfile, "phase", []byte("jobs: 1000")),
			reports.NewInput(reports.InputCriteria, "criteria/"+scenario+".yaml", []byte(scenario)),
		},
		Build: reports.Build{Commit: commit, Go: "go1.26.8", OS: "linux", Arch: "amd64", CPUs: 2},
	}
}

// save writes a result.json and a report.html into dir/scenario and returns their paths.
func save(t testing.TB, dir string, r reports.Result) (result, page string) {
	t.Helper()
	folder := filepath.Join(dir, r.Scenario)
	require.NoError(t, os.MkdirAll(folder, 0o755))
	result, page = filepath.Join(folder, reports.ResultFile), filepath.Join(folder, reports.ReportFile)
	file, err := os.Create(result)
	require.NoError(t, err)
	require.NoError(t, reports.WriteJSON(file, r))
	require.NoError(t, file.Close())
	require.NoError(t, os.WriteFile(page, []byte("<!doctype html><title>"+r.Scenario+"</title>"), 0o644))
	return result, page
}

// attested writes an attestation of results and their pages, signed with key, and returns its path.
func attested(t testing.TB, key ed25519.PrivateKey, results ...reports.Result) string {
	t.Helper()
	dir := t.TempDir()
	var data, pages []string
	for _, r := range results {
		result, page := save(t, dir, r)
		data, pages = append(data, result), append(pages, page)
	}
	path := filepath.Join(dir, "attestation.json")
	s, err := attest.Attest(data, pages, attest.Options{Out: path, URL: "https://ci.example/runs/1"})
	require.NoError(t, err)
	require.NoError(t, attest.Write(path, s, key))
	return path
}

func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}
