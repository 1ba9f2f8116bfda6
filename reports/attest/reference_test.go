package attest_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	testresult "github.com/in-toto/attestation/go/predicates/test_result/v0"
	intoto "github.com/in-toto/attestation/go/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"

	"tollgate/reports"
	"tollgate/reports/attest"
)

// TestReferenceTypesReadIt reads a statement with the types of the specification's own
// authors, which refuse fields that they do not know.
func TestReferenceTypesReadIt(t *testing.T) {
	text := []byte(read(t, "testdata/statement.json"))
	var s intoto.Statement
	require.NoError(t, protojson.Unmarshal(text, &s))
	require.NoError(t, s.Validate())
	for _, d := range s.GetSubject() {
		require.NoError(t, d.Validate())
	}
	require.Equal(t, intoto.StatementTypeUri, attest.StatementType)
	require.Equal(t, "phase2/result.json", s.GetSubject()[1].GetName())
	require.Equal(t, attest.ResultMediaType, s.GetSubject()[1].GetMediaType())
	require.Equal(t, commit, s.GetSubject()[2].GetDigest()["gitCommit"])

	predicate, err := protojson.Marshal(s.GetPredicate())
	require.NoError(t, err)
	var p testresult.TestResult
	require.NoError(t, protojson.Unmarshal(predicate, &p))
	require.Equal(t, "FAILED", p.GetResult())
	require.Equal(t, "https://ci.example/runs/1?a=1&b=2", p.GetUrl())
	require.Equal(t, []string{"phase2-1", "phase2-2"}, p.GetPassedTests())
	require.Empty(t, p.GetWarnedTests())
	require.Equal(t, []string{"phase2-3", "phase2-4"}, p.GetFailedTests())
	require.Len(t, p.GetConfiguration(), 2)
	for _, d := range p.GetConfiguration() {
		require.NoError(t, d.Validate())
	}
	require.Equal(t, "criteria", p.GetConfiguration()[0].GetAnnotations().GetFields()["kind"].GetStringValue())
}

// TestWeReadTheReferenceTypes has a statement as those types write it, with its empty
// lists left out and its spaces as they fall.
func TestWeReadTheReferenceTypes(t *testing.T) {
	path := attested(t, nil, run("a", reports.Pass))
	var s intoto.Statement
	require.NoError(t, protojson.Unmarshal([]byte(read(t, path)), &s))
	delete(s.GetPredicate().GetFields(), "warnedTests")
	delete(s.GetPredicate().GetFields(), "failedTests")
	text, err := protojson.Marshal(&s)
	require.NoError(t, err)
	write(t, path, string(text))
	_, err = attest.Verify(path, attest.VerifyOptions{})
	require.NoError(t, err)
}

// TestOpenSSL makes a pair with openssl, signs with it, and has openssl verify the
// signature over the bytes that the DSSE protocol says it covers.
func TestOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("there is no openssl here")
	}
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	call := func(args ...string) {
		out, err := exec.CommandContext(t.Context(), openssl, args...).CombinedOutput()
		require.NoError(t, err, "openssl %v: %s", args, out)
	}
	call("genpkey", "-algorithm", "ed25519", "-out", at("key"))
	require.NoError(t, os.Chmod(at("key"), 0o600))
	call("pkey", "-in", at("key"), "-pubout", "-out", at("pub"))
	key, err := attest.LoadPrivateKey(at("key"))
	require.NoError(t, err)
	public, err := attest.LoadPublicKey(at("pub"))
	require.NoError(t, err)
	require.Equal(t, public, key.Public().(ed25519.PublicKey))

	var e struct {
		PayloadType string
		Payload     []byte
		Signatures  []struct{ Sig string }
	}
	require.NoError(t, json.Unmarshal([]byte(read(t, attested(t, key, run("a", reports.Pass)))), &e))
	sig, err := base64.StdEncoding.DecodeString(e.Signatures[0].Sig)
	require.NoError(t, err)
	var message bytes.Buffer
	fmt.Fprintf(&message, "DSSEv1 %d %s %d %s", len(e.PayloadType), e.PayloadType, len(e.Payload), e.Payload)
	write(t, at("message"), message.String())
	write(t, at("sig"), string(sig))
	call("pkeyutl", "-verify", "-pubin", "-inkey", at("pub"), "-rawin", "-in", at("message"), "-sigfile", at("sig"))
}
