package attest

import (
	"bytes"
	"encoding/json"
	"fmt"
)

const (
	// StatementType is the type of the statements that this package writes and reads.
	StatementType = "https://in-toto.io/Statement/v1"
	// PredicateType is the type of their predicate.
	PredicateType = "https://in-toto.io/attestation/test-result/v0.1"
	// ResultMediaType marks the subjects that are a result.json.
	ResultMediaType = "application/vnd.tollgate.result+json"

	// MaxStatementBytes caps what is read and written as a statement or an envelope. A
	// statement about a hundred files and a thousand criteria takes about 100 KB.
	MaxStatementBytes = 4 << 20
	// MaxSubjects caps how many subjects a statement has.
	MaxSubjects = 1000
)

// Outcome is the result that a statement states.
type Outcome string

// The outcomes of the predicate test-result.
const (
	Passed Outcome = "PASSED"
	Warned Outcome = "WARNED"
	Failed Outcome = "FAILED"
)

// Statement is an in-toto Statement v1 with the predicate test-result v0.1.
type Statement struct {
	Type          string       `json:"_type"`
	Subject       []Descriptor `json:"subject"`
	PredicateType string       `json:"predicateType"`
	Predicate     TestResult   `json:"predicate"`
}

// Descriptor is an in-toto ResourceDescriptor, as far as statements here need it. Fields
// that it does not have are ignored when one is read, as the specification asks.
type Descriptor struct {
	Name      string `json:"name,omitempty"`
	MediaType string `json:"mediaType,omitempty"`
	// Digest maps an algorithm to a digest in lower-case hexadecimal.
	Digest      map[string]string `json:"digest"`
	Annotations map[string]any    `json:"annotations,omitempty"`
}

// TestResult is the predicate; see the package's comment for what is in the lists.
type TestResult struct {
	Result        Outcome      `json:"result"`
	Configuration []Descriptor `json:"configuration"`
	// URL leads to the run; "" for none. Nothing bears it out but a signature.
	URL         string   `json:"url,omitempty"`
	PassedTests []string `json:"passedTests"`
	WarnedTests []string `json:"warnedTests"`
	FailedTests []string `json:"failedTests"`
}

// The names of digest algorithms, and of the annotation that holds an input's kind.
const (
	sha256Digest    = "sha256"
	gitCommitDigest = "gitCommit"
	kindAnnotation  = "kind"
)

// encode returns v as indented JSON with a line break at its end: the same bytes for the
// same value.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	if b.Len() > MaxStatementBytes {
		return nil, notAttestable("it takes %d bytes, at most %d are written: attest fewer results at once", b.Len(), MaxStatementBytes)
	}
	return b.Bytes(), nil
}

// decodeStatement reads a statement and checks its types and that it says something. It
// ignores fields that it does not know, as the specification asks.
func decodeStatement(data []byte) (Statement, error) {
	var head struct {
		Type          string `json:"_type"`
		PredicateType string `json:"predicateType"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Statement{}, unreadable("the statement is no JSON: %w", err)
	}
	if head.Type != StatementType {
		return Statement{}, &UnsupportedTypeError{Field: "_type", Got: head.Type, Want: StatementType}
	}
	if head.PredicateType != PredicateType {
		return Statement{}, &UnsupportedTypeError{Field: "predicateType", Got: head.PredicateType, Want: PredicateType}
	}
	var s Statement
	if err := json.Unmarshal(data, &s); err != nil {
		return Statement{}, unreadable("the statement does not have the fields it should: %w", err)
	}
	switch n := len(s.Subject); {
	case n == 0:
		return Statement{}, unreadable("the statement has no subject")
	case n > MaxSubjects:
		return Statement{}, unreadable("the statement has %d subjects, at most %d are read", n, MaxSubjects)
	}
	return s, nil
}
