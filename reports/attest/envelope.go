package attest

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

const (
	// PayloadType is the type of the payload of the envelopes that this package writes.
	PayloadType = "application/vnd.in-toto+json"
	// predicatePayloadType is the other name that the specification has for it.
	predicatePayloadType = "application/vnd.in-toto.test-result+json"
	// maxSignatures caps how many signatures of an envelope are tried.
	maxSignatures = 100
)

// envelope is a DSSE JSON envelope.
type envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     string      `json:"payload"` // base64
	Signatures  []signature `json:"signatures"`
}

type signature struct {
	KeyID string `json:"keyid,omitempty"` // a hint, not signed
	Sig   string `json:"sig"`             // base64
}

// pae returns the bytes that a DSSE signature covers: type and body with their lengths.
func pae(payloadType string, body []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(body), body)
}

// sign puts a payload into an envelope.
func sign(payload []byte, key ed25519.PrivateKey) envelope {
	return envelope{
		PayloadType: PayloadType,
		Payload:     base64.StdEncoding.EncodeToString(payload),
		Signatures: []signature{{
			KeyID: KeyID(key.Public().(ed25519.PublicKey)),
			Sig:   base64.StdEncoding.EncodeToString(ed25519.Sign(key, pae(PayloadType, payload))),
		}},
	}
}

// unbase64 decodes the standard or the URL-safe alphabet; verifiers must accept either.
func unbase64(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") { // the decoder would skip them
		return nil, fmt.Errorf("a line break in base64")
	}
	if strings.ContainsAny(text, "-_") {
		return base64.URLEncoding.Strict().DecodeString(text)
	}
	return base64.StdEncoding.Strict().DecodeString(text)
}

// verify reports whether one of the signatures is by the key. The key IDs do not count:
// they are not signed.
func (e envelope) verify(payload []byte, key ed25519.PublicKey) error {
	message := pae(e.PayloadType, payload)
	for _, s := range e.Signatures {
		if sig, err := unbase64(s.Sig); err == nil && ed25519.Verify(key, message, sig) {
			return nil
		}
	}
	text := "it was changed since it was signed, or by another key"
	if named := e.keyIDs(); len(named) > 0 && !slices.Contains(named, KeyID(key)) {
		text = fmt.Sprintf("the envelope names the key %s", strings.Join(named, ", "))
	}
	return untrusted("no signature is by the key %s: %s", KeyID(key), text)
}

// keyIDs returns the key IDs that the envelope names, of those that could be ours.
func (e envelope) keyIDs() []string {
	var ids []string
	for _, s := range e.Signatures {
		if hexDigest.MatchString(s.KeyID) {
			ids = append(ids, s.KeyID)
		}
	}
	return ids
}

// decodeEnvelope reads an envelope and its payload, whatever the payload is.
func decodeEnvelope(data []byte) (envelope, []byte, error) {
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		return envelope{}, nil, unreadable("the envelope does not have the fields it should: %w", err)
	}
	payload, err := unbase64(e.Payload)
	if err != nil {
		return envelope{}, nil, unreadable("the payload of the envelope: %w", err)
	}
	switch n := len(e.Signatures); {
	case n == 0:
		return envelope{}, nil, untrusted("the envelope has no signature")
	case n > maxSignatures:
		return envelope{}, nil, unreadable("the envelope has %d signatures, at most %d are tried", n, maxSignatures)
	}
	return e, payload, nil
}
