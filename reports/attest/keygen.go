package attest

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// The names of what [GenerateKey] writes.
const (
	PrivateKeyFile = "signoff.key"
	PublicKeyFile  = "signoff.pub"
)

// GenerateKey writes a new Ed25519 pair into dir, which is created when it does not exist:
// [PrivateKeyFile], which only its owner may read, and [PublicKeyFile]. It returns their
// paths. It never overwrites: when either exists, nothing is written. Errors wrap [ErrKey].
func GenerateKey(dir string) (private, public string, err error) {
	private, public = filepath.Join(dir, PrivateKeyFile), filepath.Join(dir, PublicKeyFile)
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", "", badKey("make a key: %w", err)
	}
	privDER, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		return "", "", badKey("encode the private key: %w", err)
	}
	pubDER, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return "", "", badKey("encode the public key: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", "", badKey("%s: %w", dir, bare(err))
	}
	if err := writeNew(private, 0o600, &pem.Block{Type: privateLabel, Bytes: privDER}); err != nil {
		return "", "", err
	}
	if err := writeNew(public, 0o644, &pem.Block{Type: publicLabel, Bytes: pubDER}); err != nil {
		return "", "", errors.Join(err, os.Remove(private))
	}
	return private, public, nil
}

// writeNew writes a file that does not exist yet. After an error it does not exist either.
func writeNew(path string, mode os.FileMode, block *pem.Block) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return badKey("%s exists and is not overwritten: what it signed could not be verified any more; name another folder", path)
	}
	if err != nil {
		return badKey("%s: %w", path, bare(err))
	}
	if err := errors.Join(pem.Encode(file, block), file.Sync(), file.Close()); err != nil {
		return errors.Join(badKey("%s: %w", path, err), os.Remove(path))
	}
	return nil
}
