package attest

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"tollgate/reports/atomicfile"
)

// Write writes the statement to path, whole or not at all, in place of a former file: as
// it is with a nil key, else in an envelope signed with the key. The same statement and
// key give the same bytes. A key of the wrong length is an [ErrKey].
func Write(path string, s Statement, key ed25519.PrivateKey) error {
	if key != nil && len(key) != ed25519.PrivateKeySize {
		return badKey("the private key has %d bytes, one of Ed25519 has %d", len(key), ed25519.PrivateKeySize)
	}
	data, err := encode(s)
	if err == nil && key != nil {
		data, err = encode(sign(data, key))
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Signature says how a statement was signed.
type Signature string

// The three cases.
const (
	// SignatureValid is one by the key that was given.
	SignatureValid Signature = "valid"
	// SignatureNotChecked is one that was not looked at, as no key was given.
	SignatureNotChecked Signature = "not checked"
	// SignatureNone is that of a statement without an envelope.
	SignatureNone Signature = "none"
)

// open reads a statement, or an envelope with one. With a key there must be a signature
// by it, and nothing of the payload is looked at before it is found good.
func open(data []byte, key ed25519.PublicKey) (Statement, Signature, error) {
	var head struct {
		Type    json.RawMessage `json:"_type"`
		Payload json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Statement{}, "", unreadable("it is no JSON: %w", err)
	}
	switch {
	case head.Type == nil && head.Payload == nil:
		return Statement{}, "", unreadable("it is neither an in-toto statement nor an envelope with one")
	case head.Type != nil && head.Payload != nil:
		return Statement{}, "", unreadable("it is both a statement and an envelope")
	case head.Payload == nil && key != nil:
		return Statement{}, "", untrusted("it is not signed, and a signature by the key %s is asked for", KeyID(key))
	case head.Payload == nil:
		s, err := decodeStatement(data)
		return s, SignatureNone, err
	}
	e, payload, err := decodeEnvelope(data)
	if err != nil {
		return Statement{}, "", err
	}
	signed := SignatureNotChecked
	if key != nil {
		if err := e.verify(payload, key); err != nil {
			return Statement{}, "", err
		}
		signed = SignatureValid
	}
	if e.PayloadType != PayloadType && e.PayloadType != predicatePayloadType {
		return Statement{}, "", &UnsupportedTypeError{Field: "payloadType", Got: e.PayloadType, Want: PayloadType}
	}
	s, err := decodeStatement(payload)
	return s, signed, err
}

// readCapped reads a regular file of at most limit bytes. Its errors do not name the file.
func readCapped(path string, limit int64) ([]byte, os.FileMode, error) {
	info, err := os.Stat(path) // before Open, which waits for the other end of a pipe
	if err != nil {
		return nil, 0, bare(err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.New("it is not a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, bare(err)
	}
	defer file.Close()
	if info, err = file.Stat(); err != nil { // of what was opened
		return nil, 0, bare(err)
	}
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, 0, bare(err)
	}
	if int64(len(data)) > limit {
		return nil, 0, fmt.Errorf("it has more than %d bytes", limit)
	}
	return data, info.Mode(), nil
}
