package attest_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
	"tollgate/reports/attest"
)

func TestVerifyReports(t *testing.T) {
	key, public := keys(t)
	tests := map[string]struct {
		sign   ed25519.PrivateKey
		verify ed25519.PublicKey
		want   attest.Signature
	}{
		"signed, checked":     {key, public, attest.SignatureValid},
		"signed, not checked": {key, nil, attest.SignatureNotChecked},
		"not signed":          {nil, nil, attest.SignatureNone},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			report, err := attest.Verify(attested(t, tt.sign, run("a", reports.Pass), run("b", reports.Pass)), attest.VerifyOptions{PublicKey: tt.verify})
			require.NoError(t, err)
			require.Equal(t, tt.want, report.Signature)
			require.Equal(t, commit, report.Commit)
			require.Equal(t, 4, report.Files)
			require.Len(t, report.Results, 2)
			require.Equal(t, "b", report.Results[1].Scenario)
			require.Zero(t, report.ExitCode())
			require.Equal(t, attest.Passed, report.Statement.Predicate.Result)
			require.Equal(t, "https://ci.example/runs/1", report.Statement.Predicate.URL)
		})
	}
}

func TestVerifyInAnotherFolder(t *testing.T) {
	path := attested(t, nil, run("a", reports.Pass))
	moved := filepath.Join(t.TempDir(), "moved.json")
	write(t, moved, read(t, path))
	_, err := attest.Verify(moved, attest.VerifyOptions{})
	require.ErrorIs(t, err, attest.ErrUntrusted)
	require.ErrorContains(t, err, "a/result.json is missing")
	_, err = attest.Verify(moved, attest.VerifyOptions{Dir: filepath.Dir(path)})
	require.NoError(t, err)
	_, err = attest.Verify(moved, attest.VerifyOptions{Dir: filepath.Join(filepath.Dir(path), "none")})
	require.ErrorIs(t, err, attest.ErrUnreadable)
}

// TestFilesThatChanged has the attestation as it was, and its files not.
func TestFilesThatChanged(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	write(t, outside, "x")
	tests := map[string]struct {
		spoil func(t *testing.T, dir string)
		want  string
	}{
		"result changed": {func(t *testing.T, dir string) {
			path := filepath.Join(dir, "a", "result.json")
			write(t, path, strings.Replace(read(t, path), `"seed": 42`, `"seed": 43`, 1))
		}, "a/result.json was changed: its sha256 is "},
		"page changed":   {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a", "report.html"), "") }, "a/report.html was changed"},
		"page missing":   {func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "a", "report.html")) }, "a/report.html is missing"},
		"result missing": {func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "a", "result.json")) }, "a/result.json is missing"},
		"page a folder": {func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, "a", "report.html"))
			require.NoError(t, os.Mkdir(filepath.Join(dir, "a", "report.html"), 0o755))
		}, "a/report.html cannot be checked: it is not a regular file"},
		"page a link to outside": {func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, "a", "report.html"))
			require.NoError(t, os.Symlink(outside, filepath.Join(dir, "a", "report.html")))
		}, "a/report.html cannot be checked: path escapes from parent"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			key, public := keys(t)
			path := attested(t, key, run("a", reports.Pass))
			tt.spoil(t, filepath.Dir(path))
			for _, k := range []ed25519.PublicKey{nil, public} {
				report, err := attest.Verify(path, attest.VerifyOptions{PublicKey: k})
				require.ErrorIs(t, err, attest.ErrUntrusted)
				require.ErrorContains(t, err, tt.want)
				require.ErrorContains(t, err, path)
				require.Zero(t, report)
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, os.Remove(path))
}

// TestEverythingThatDoesNotHoldIsNamed has two files changed.
func TestEverythingThatDoesNotHoldIsNamed(t *testing.T) {
	path := attested(t, nil, run("a", reports.Pass))
	write(t, filepath.Join(filepath.Dir(path), "a", "report.html"), "")
	remove(t, filepath.Join(filepath.Dir(path), "a", "result.json"))
	_, err := attest.Verify(path, attest.VerifyOptions{})
	require.ErrorContains(t, err, "a/report.html was changed")
	require.ErrorContains(t, err, "a/result.json is missing")
}

// TestStatementsThatChanged changes each field of a statement that nobody signed.
func TestStatementsThatChanged(t *testing.T) {
	zeros := strings.Repeat("0", 64)
	tests := map[string]struct {
		spoil func(s *attest.Statement)
		want  string
	}{
		"result":             {func(s *attest.Statement) { s.Predicate.Result = attest.Passed }, `its result is "PASSED", the results bear out "FAILED"`},
		"unknown result":     {func(s *attest.Statement) { s.Predicate.Result = "FINE" }, `its result is "FINE"`},
		"passed added":       {func(s *attest.Statement) { s.Predicate.PassedTests = append(s.Predicate.PassedTests, "a-2") }, `its passedTests are ["a-1" "a-2"], the results bear out ["a-1"]`},
		"failed left out":    {func(s *attest.Statement) { s.Predicate.FailedTests = nil }, `its failedTests are [], the results bear out ["a-2"]`},
		"warned added":       {func(s *attest.Statement) { s.Predicate.WarnedTests = []string{"a-3"} }, "its warnedTests are"},
		"configuration name": {func(s *attest.Statement) { s.Predicate.Configuration[0].Name = "x" }, "its configuration is"},
		"configuration kind": {func(s *attest.Statement) { s.Predicate.Configuration[0].Annotations["kind"] = "profile" }, "its configuration is"},
		"configuration sum":  {func(s *attest.Statement) { s.Predicate.Configuration[0].Digest["sha256"] = zeros }, "its configuration is"},
		"configuration less": {func(s *attest.Statement) { s.Predicate.Configuration = s.Predicate.Configuration[1:] }, "its configuration is"},
		"configuration more": {func(s *attest.Statement) {
			s.Predicate.Configuration = append(s.Predicate.Configuration, attest.Descriptor{})
		}, "its configuration is"},
		"commit":            {func(s *attest.Statement) { s.Subject[2].Digest["gitCommit"] = zeros }, "its commit is"},
		"commit left out":   {func(s *attest.Statement) { s.Subject = s.Subject[:2] }, `its commit is "", that of the results is "` + commit},
		"no commit":         {func(s *attest.Statement) { s.Subject[2].Digest["gitCommit"] = "HEAD" }, `the commit "HEAD" is none`},
		"two commits":       {func(s *attest.Statement) { s.Subject = append(s.Subject, s.Subject[2]) }, "one too many"},
		"page sum":          {func(s *attest.Statement) { s.Subject[0].Digest["sha256"] = zeros }, "a/report.html was changed"},
		"page without sum":  {func(s *attest.Statement) { s.Subject[0].Digest = map[string]string{"md5": "00"} }, "no sha256 of a/report.html"},
		"page named commit": {func(s *attest.Statement) { s.Subject[0].Digest = map[string]string{"gitCommit": commit} }, "no sha256 of a/report.html"},
		"page named result": {func(s *attest.Statement) { s.Subject[0].MediaType = attest.ResultMediaType }, "a/report.html: not a result.json"},
		"result sum":        {func(s *attest.Statement) { s.Subject[1].Digest["sha256"] = zeros }, "a/result.json was changed"},
		"result left out":   {func(s *attest.Statement) { s.Subject = []attest.Descriptor{s.Subject[0], s.Subject[2]} }, "it names no result.json"},
		"named twice":       {func(s *attest.Statement) { s.Subject = append(s.Subject, s.Subject[0]) }, "a/report.html is named twice"},
		"parent folder":     {func(s *attest.Statement) { s.Subject[0].Name = "../report.html" }, `the subject "../report.html": it leaves the folder`},
		"parent in between": {func(s *attest.Statement) { s.Subject[0].Name = "a/../../report.html" }, "it leaves the folder"},
		"absolute":          {func(s *attest.Statement) { s.Subject[0].Name = "/etc/hostname" }, "it leaves the folder"},
		"backslash":         {func(s *attest.Statement) { s.Subject[0].Name = `..\report.html` }, "it has a backslash"},
		"roundabout":        {func(s *attest.Statement) { s.Subject[0].Name = "a/./report.html" }, "it is not the shortest name"},
		"escape sequence":   {func(s *attest.Statement) { s.Subject[0].Name = "a\x1b[2J" }, "it has characters that cannot be printed"},
		"no name":           {func(s *attest.Statement) { s.Subject[0].Name = "" }, "it names no file"},
		"the folder":        {func(s *attest.Statement) { s.Subject[0].Name = "." }, "it names no file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := attested(t, nil, run("a", reports.Pass, reports.Fail, reports.Skipped))
			var s attest.Statement
			require.NoError(t, json.Unmarshal([]byte(read(t, path)), &s))
			tt.spoil(&s)
			require.NoError(t, attest.Write(path, s, nil))
			_, err := attest.Verify(path, attest.VerifyOptions{})
			require.ErrorIs(t, err, attest.ErrUntrusted)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// TestAFailedResultUnderAnotherMediaType is not passed over: its name is enough.
func TestAFailedResultUnderAnotherMediaType(t *testing.T) {
	path := attested(t, nil, run("a", reports.Pass), run("b", reports.Fail))
	text := read(t, path)
	write(t, path, strings.ReplaceAll(strings.Replace(text, `"FAILED"`, `"PASSED"`, 1), attest.ResultMediaType, "text/plain"))
	_, err := attest.Verify(path, attest.VerifyOptions{})
	require.ErrorContains(t, err, `its result is "PASSED", the results bear out "FAILED"`)
}

// TestAConsistentForgery changes a result and its statement together: only a signature tells.
func TestAConsistentForgery(t *testing.T) {
	key, public := keys(t)
	path := attested(t, key, run("a", reports.Fail))
	forged := attested(t, nil, run("a", reports.Pass))
	_, err := attest.Verify(forged, attest.VerifyOptions{})
	require.NoError(t, err, "nothing tells")
	_, err = attest.Verify(forged, attest.VerifyOptions{PublicKey: public})
	require.ErrorIs(t, err, attest.ErrUntrusted)
	require.ErrorContains(t, err, "it is not signed, and a signature by the key "+keyID+" is asked for")

	var e map[string]any
	require.NoError(t, json.Unmarshal([]byte(read(t, path)), &e))
	e["payload"] = base64.StdEncoding.EncodeToString([]byte(read(t, forged)))
	data, err := json.Marshal(e)
	require.NoError(t, err)
	write(t, forged, string(data))
	_, err = attest.Verify(forged, attest.VerifyOptions{})
	require.NoError(t, err, "an envelope whose signature is not checked is no better")
	_, err = attest.Verify(forged, attest.VerifyOptions{PublicKey: public})
	require.ErrorIs(t, err, attest.ErrUntrusted)
	require.ErrorContains(t, err, "it was changed since it was signed")
}

func TestWrongKey(t *testing.T) {
	key, _ := keys(t)
	_, err := attest.Verify(attested(t, key, run("a", reports.Pass)), attest.VerifyOptions{PublicKey: other(t)})
	require.ErrorIs(t, err, attest.ErrUntrusted)
	require.ErrorContains(t, err, "the envelope names the key "+keyID)
	_, err = attest.Verify(attested(t, key, run("a", reports.Pass)), attest.VerifyOptions{PublicKey: ed25519.PublicKey("short")})
	require.ErrorIs(t, err, attest.ErrKey)
	require.ErrorIs(t, attest.Write(filepath.Join(t.TempDir(), "x"), attest.Statement{}, ed25519.PrivateKey("short")), attest.ErrKey)
}

func TestUnreadable(t *testing.T) {
	good := read(t, attested(t, nil, run("a", reports.Pass)))
	tests := map[string]struct{ text, want string }{
		"empty":              {"", "it is no JSON"},
		"no JSON":            {"<html>", "it is no JSON: invalid character"},
		"cut off":            {good[:len(good)/2], "it is no JSON"},
		"two documents":      {good + good, "it is no JSON"},
		"a list":             {"[]", "it is no JSON: json: cannot unmarshal array"},
		"null":               {"null", "neither an in-toto statement nor an envelope"},
		"a result":           {`{"schema_version": 2}`, "neither an in-toto statement nor an envelope"},
		"both":               {strings.Replace(good, "{", `{"payload": "",`, 1), "both a statement and an envelope"},
		"newer statement":    {strings.Replace(good, "Statement/v1", "Statement/v2", 1), `_type is "https://in-toto.io/Statement/v2", this program reads "https://in-toto.io/Statement/v1"`},
		"other predicate":    {strings.Replace(good, "test-result/v0.1", "test-result/v1", 1), `predicateType is "https://in-toto.io/attestation/test-result/v1"`},
		"no predicate type":  {strings.Replace(good, "predicateType", "predicateKind", 1), `predicateType is ""`},
		"wrong field type":   {strings.Replace(good, `"PASSED"`, `7`, 1), "does not have the fields it should"},
		"no subject":         {`{"_type": "` + attest.StatementType + `", "predicateType": "` + attest.PredicateType + `"}`, "the statement has no subject"},
		"too many subjects":  {`{"_type": "` + attest.StatementType + `", "predicateType": "` + attest.PredicateType + `", "subject": [{}` + strings.Repeat(",{}", attest.MaxSubjects) + `]}`, "the statement has 1001 subjects, at most 1000 are read"},
		"payload a number":   {`{"payload": 7}`, "the envelope does not have the fields it should"},
		"payload not base64": {`{"payload": "!", "signatures": [{"sig": ""}]}`, "the payload of the envelope: illegal base64"},
		"payload with line":  {`{"payload": "e30=\n", "signatures": [{"sig": ""}]}`, "a line break in base64"},
		"many signatures":    {`{"payload": "e30=", "signatures": [{}` + strings.Repeat(",{}", 100) + `]}`, "the envelope has 101 signatures, at most 100 are tried"},
		"other payload type": {`{"payload": "e30=", "payloadType": "text/plain", "signatures": [{"sig": ""}]}`, `payloadType is "text/plain"`},
		"payload no JSON":    {`{"payload": "PGE+", "payloadType": "` + attest.PayloadType + `", "signatures": [{"sig": ""}]}`, "the statement is no JSON"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.json")
			write(t, path, tt.text)
			_, err := attest.Verify(path, attest.VerifyOptions{})
			require.ErrorIs(t, err, attest.ErrUnreadable)
			require.NotErrorIs(t, err, attest.ErrUntrusted)
			require.ErrorContains(t, err, tt.want)
		})
	}
	var newer *attest.UnsupportedTypeError
	path := filepath.Join(t.TempDir(), "x.json")
	write(t, path, strings.Replace(good, "Statement/v1", "Statement/v2", 1))
	_, err := attest.Verify(path, attest.VerifyOptions{})
	require.ErrorAs(t, err, &newer)
	require.Equal(t, "_type", newer.Field)
	for want, path := range map[string]string{"no such file": filepath.Join(t.TempDir(), "none"), "not a regular file": t.TempDir()} {
		_, err := attest.Verify(path, attest.VerifyOptions{})
		require.ErrorIs(t, err, attest.ErrUnreadable)
		require.ErrorContains(t, err, want)
	}
}

func TestTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.json")
	write(t, path, "")
	require.NoError(t, os.Truncate(path, attest.MaxStatementBytes+1))
	_, err := attest.Verify(path, attest.VerifyOptions{})
	require.ErrorIs(t, err, attest.ErrUnreadable)
	require.ErrorContains(t, err, "it has more than 4194304 bytes")

	s := attest.Statement{Predicate: attest.TestResult{URL: strings.Repeat("x", attest.MaxStatementBytes)}}
	require.ErrorIs(t, attest.Write(path, s, nil), attest.ErrNotAttestable)

	path = attested(t, nil, run("a", reports.Pass))
	require.NoError(t, os.Truncate(filepath.Join(filepath.Dir(path), "a", "result.json"), reports.MaxResultBytes+1))
	_, err = attest.Verify(path, attest.VerifyOptions{})
	require.ErrorContains(t, err, "a/result.json cannot be checked: it has more than 268435456 bytes")
}

// TestANewerResultIsUnreadable: nothing is known of it, and nothing is wrong with it.
func TestANewerResultIsUnreadable(t *testing.T) {
	path := attested(t, nil, run("a", reports.Pass))
	result := filepath.Join(filepath.Dir(path), "a", "result.json")
	was := sum(read(t, result))
	write(t, result, `{"schema_version": 99}`)
	write(t, path, strings.Replace(read(t, path), was, sum(read(t, result)), 1))
	_, err := attest.Verify(path, attest.VerifyOptions{})
	require.ErrorIs(t, err, attest.ErrUnreadable)
	require.NotErrorIs(t, err, attest.ErrUntrusted)
	var newer *reports.NewerSchemaError
	require.ErrorAs(t, err, &newer)
}

func sum(text string) string { return reports.NewInput("", "", []byte(text)).SHA256 }

// TestExtensionFieldsAreIgnored: the specification has readers ignore what they do not know.
func TestExtensionFieldsAreIgnored(t *testing.T) {
	path := attested(t, nil, run("a", reports.Pass))
	text := strings.Replace(read(t, path), `"result": "PASSED",`, `"result": "PASSED", "x": {"y": [1]},`, 1)
	write(t, path, strings.Replace(text, `"kind": "criteria"`, `"kind": "criteria", "n": 7`, 1))
	_, err := attest.Verify(path, attest.VerifyOptions{})
	require.NoError(t, err)
}
