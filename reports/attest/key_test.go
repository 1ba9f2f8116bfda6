package attest_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports/attest"
)

func TestKeyID(t *testing.T) {
	key, public := keys(t)
	require.Equal(t, public, key.Public().(ed25519.PublicKey))
	require.Equal(t, keyID, attest.KeyID(public))
}

func TestGenerateKey(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	private, public, err := attest.GenerateKey(dir)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "signoff.key"), private)
	require.Equal(t, filepath.Join(dir, "signoff.pub"), public)
	info, err := os.Stat(private)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	key, err := attest.LoadPrivateKey(private)
	require.NoError(t, err)
	pub, err := attest.LoadPublicKey(public)
	require.NoError(t, err)
	require.Equal(t, pub, key.Public().(ed25519.PublicKey))

	again := filepath.Join(t.TempDir(), "again")
	otherPrivate, _, err := attest.GenerateKey(again)
	require.NoError(t, err)
	require.NotEqual(t, read(t, private), read(t, otherPrivate))
}

func TestGenerateKeyOverwritesNothing(t *testing.T) {
	for _, taken := range []string{attest.PrivateKeyFile, attest.PublicKeyFile} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, taken), "precious")
		_, _, err := attest.GenerateKey(dir)
		require.ErrorIs(t, err, attest.ErrKey)
		require.ErrorContains(t, err, filepath.Join(dir, taken)+" exists and is not overwritten")
		require.Equal(t, "precious", read(t, filepath.Join(dir, taken)))
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, entries, 1, "no half of a pair is left")
	}
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	_, _, err := attest.GenerateKey(file)
	require.ErrorIs(t, err, attest.ErrKey)
	require.ErrorContains(t, err, "not a directory")
}

func TestUnusableKeys(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	curvePrivate, err := x509.MarshalPKCS8PrivateKey(curve)
	require.NoError(t, err)
	curvePublic, err := x509.MarshalPKIXPublicKey(curve.Public())
	require.NoError(t, err)
	block := func(label string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
	}
	tests := map[string]struct{ text, private, public string }{
		"empty":             {"", "it is no PEM file", "it is no PEM file"},
		"no PEM":            {"secret", "it is no PEM file", "it is no PEM file"},
		"of another kind":   {block("PRIVATE KEY", curvePrivate), "it holds a *ecdsa.PrivateKey, only Ed25519 keys are used", `it holds "PRIVATE KEY", not "PUBLIC KEY": give the public key, which openssl pkey`},
		"of another kind 2": {block("PUBLIC KEY", curvePublic), `it holds "PUBLIC KEY", not "PRIVATE KEY": give the private key`, "it holds a *ecdsa.PublicKey, only Ed25519 keys are used"},
		"with a password":   {block("ENCRYPTED PRIVATE KEY", []byte("x")), "take its password off with openssl pkey", "take its password off"},
		"of OpenSSH":        {block("OPENSSH PRIVATE KEY", []byte("x")), "give a key that openssl genpkey -algorithm ed25519 wrote", "give a key that openssl"},
		"broken private":    {block("PRIVATE KEY", []byte("secret")), "it holds no private key in PKCS#8", "not"},
		"broken public":     {block("PUBLIC KEY", []byte("x")), "not", "it holds no public key in PKIX form"},
		"two private":       {privatePEM + privatePEM, "there is more after the first key", "not"},
		"two public":        {publicPEM + publicPEM, "not", "there is more after the first key"},
		"too large":         {strings.Repeat("x", 20_000), "it has more than 16384 bytes", "it has more than 16384 bytes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key")
			require.NoError(t, os.WriteFile(path, []byte(tt.text), 0o600))
			_, err := attest.LoadPrivateKey(path)
			require.ErrorIs(t, err, attest.ErrKey)
			require.ErrorContains(t, err, path+": ")
			require.ErrorContains(t, err, tt.private)
			require.NotContains(t, err.Error(), "secret")
			_, err = attest.LoadPublicKey(path)
			require.ErrorIs(t, err, attest.ErrKey)
			require.ErrorContains(t, err, tt.public)
		})
	}
	_, err = attest.LoadPublicKey(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, attest.ErrKey)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAPrivateKeyThatOthersReach(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	write(t, path, privatePEM)
	for mode, fine := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: false, 0o604: false, 0o660: false, 0o644: false, 0o601: false} {
		require.NoError(t, os.Chmod(path, mode))
		_, err := attest.LoadPrivateKey(path)
		if fine {
			require.NoError(t, err, "mode %o", mode)
			continue
		}
		require.ErrorIs(t, err, attest.ErrKey, "mode %o", mode)
		require.ErrorContains(t, err, "run chmod 600 "+path)
	}
}
