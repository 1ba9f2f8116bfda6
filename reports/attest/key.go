package attest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"runtime"
)

// The labels of the PEM blocks that are read and written.
const (
	privateLabel = "PRIVATE KEY" // PKCS#8
	publicLabel  = "PUBLIC KEY"  // PKIX
)

// maxKeyBytes caps a key file; one of Ed25519 has about 120 bytes.
const maxKeyBytes = 16 << 10

// KeyID returns the name of a key in envelopes: the SHA-256 of its PKIX form in
// hexadecimal, as "openssl pkey -pubin -in FILE -outform DER | sha256sum" prints it.
func KeyID(key ed25519.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "unknown" // no error is possible for this type
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// LoadPrivateKey reads an Ed25519 key in PKCS#8 PEM, as [GenerateKey] and "openssl genpkey
// -algorithm ed25519" write it. A file that others than its owner may read or write is
// refused, except on Windows. Errors wrap [ErrKey] and never hold any of the file.
func LoadPrivateKey(path string) (ed25519.PrivateKey, error) {
	der, others, err := loadPEM(path, privateLabel)
	if err != nil {
		return nil, err
	}
	if others && runtime.GOOS != "windows" {
		return nil, badKey("%s: others than its owner have access to it: run chmod 600 %s, and make a new one if they could have read it", path, path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, badKey("%s: it holds no private key in PKCS#8: write one with signoff keygen", path)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, badKey("%s: it holds a %T, only Ed25519 keys are used: write one with signoff keygen", path, parsed)
	}
	return key, nil
}

// LoadPublicKey reads an Ed25519 key in PKIX PEM, as [GenerateKey] and "openssl pkey -in
// FILE -pubout" write it. Errors wrap [ErrKey].
func LoadPublicKey(path string) (ed25519.PublicKey, error) {
	der, _, err := loadPEM(path, publicLabel)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, badKey("%s: it holds no public key in PKIX form: write one with openssl pkey -pubout", path)
	}
	key, ok := parsed.(ed25519.PublicKey)
	if !ok {
		return nil, badKey("%s: it holds a %T, only Ed25519 keys are used", path, parsed)
	}
	return key, nil
}

// loadPEM returns the one block of a PEM file, and whether others than its owner have
// access to the file.
func loadPEM(path, label string) (der []byte, others bool, err error) {
	data, mode, err := readCapped(path, maxKeyBytes)
	if err != nil {
		return nil, false, badKey("%s: %w", path, err)
	}
	block, rest := pem.Decode(data)
	switch {
	case block == nil:
		return nil, false, badKey("%s: it is no PEM file", path)
	case block.Type != label:
		return nil, false, badKey("%s: it holds %q, not %q: %s", path, block.Type, label, advice(block.Type))
	case len(bytes.TrimSpace(rest)) > 0:
		return nil, false, badKey("%s: there is more after the first key: keep one key in a file", path)
	}
	return block.Bytes, mode.Perm()&0o077 != 0, nil
}

func advice(label string) string {
	switch label {
	case privateLabel:
		return "give the public key, which openssl pkey -in FILE -pubout writes"
	case publicLabel:
		return "give the private key"
	case "ENCRYPTED PRIVATE KEY":
		return "take its password off with openssl pkey -in FILE"
	default:
		return fmt.Sprintf("give a key that openssl genpkey -algorithm ed25519 wrote, under the label %q", privateLabel)
	}
}
