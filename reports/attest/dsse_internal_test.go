package attest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// goldenKey is the key that testdata/envelope.json is signed with.
func goldenKey(t testing.TB) ed25519.PublicKey {
	t.Helper()
	seed, err := base64.StdEncoding.DecodeString("1O5y2/kTWErVttjx92n4rTr+fCjL8dT74Jeoj0R1WEI=")
	require.NoError(t, err)
	return ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
}

// TestPAE has the test vector of the DSSE protocol, with the signature it gives (ECDSA
// over P-256, r and s side by side), so that what we sign is what others verify.
func TestPAE(t *testing.T) {
	message := pae("http://example.com/HelloWorld", []byte("hello world"))
	require.Equal(t, "DSSEv1 29 http://example.com/HelloWorld 11 hello world", string(message))
	require.Equal(t, "DSSEv1 0  0 ", string(pae("", nil)))
	require.Equal(t, "DSSEv1 2 é 2 ü", string(pae("é", []byte("ü"))), "lengths are in bytes")

	sig, err := unbase64("A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==")
	require.NoError(t, err)
	number := func(text string) *big.Int {
		n, ok := new(big.Int).SetString(text, 10)
		require.True(t, ok)
		return n
	}
	point := append([]byte{4}, number("46950820868899156662930047687818585632848591499744589407958293238635476079160").FillBytes(make([]byte, 32))...)
	point = append(point, number("5640078356564379163099075877009565129882514886557779369047442380624545832820").FillBytes(make([]byte, 32))...)
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	require.NoError(t, err)
	digest := sha256.Sum256(message)
	require.True(t, ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])))
}

// TestOtherWritersOfEnvelopes: URL-safe base64, several signatures, a predicate's media
// type and a key ID of another kind are all allowed.
func TestOtherWritersOfEnvelopes(t *testing.T) {
	public, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	payload, err := os.ReadFile("testdata/statement.json")
	require.NoError(t, err)
	for _, payloadType := range []string{PayloadType, predicatePayloadType} {
		e := envelope{
			PayloadType: payloadType, Payload: base64.URLEncoding.EncodeToString(payload),
			Signatures: []signature{
				{KeyID: "a key of someone else", Sig: "AAAA"},
				{Sig: "no base64"},
				{},
				{KeyID: "\x1b[2J", Sig: base64.URLEncoding.EncodeToString(ed25519.Sign(key, pae(payloadType, payload)))},
			},
		}
		data, err := json.Marshal(e)
		require.NoError(t, err)
		_, signed, err := open(data, public)
		require.NoError(t, err)
		require.Equal(t, SignatureValid, signed)
		_, _, err = open(data, goldenKey(t))
		require.ErrorIs(t, err, ErrUntrusted)
		require.NotContains(t, err.Error(), "\x1b", "what a stranger wrote is not printed")

		e.Signatures = nil
		data, err = json.Marshal(e)
		require.NoError(t, err)
		for _, k := range []ed25519.PublicKey{nil, public} {
			_, _, err = open(data, k)
			require.ErrorIs(t, err, ErrUntrusted)
			require.ErrorContains(t, err, "the envelope has no signature")
		}
	}
	standard, err := unbase64("+/+/")
	require.NoError(t, err)
	urlSafe, err := unbase64("-_-_")
	require.NoError(t, err)
	require.Equal(t, standard, urlSafe)
}

// TestThePayloadTypeIsSigned has a good signature over another type.
func TestThePayloadTypeIsSigned(t *testing.T) {
	data, err := os.ReadFile("testdata/envelope.json")
	require.NoError(t, err)
	data = bytes.Replace(data, []byte(PayloadType), []byte(predicatePayloadType), 1)
	_, _, err = open(data, goldenKey(t))
	require.ErrorIs(t, err, ErrUntrusted)
}

// TestFlippedBits flips a bit of each byte of a signed envelope's payload, and every bit of
// the rest. No flip of the payload, its type or the signature is accepted; elsewhere (white
// space, the key ID, the case of names) the statement is the one that was signed.
func TestFlippedBits(t *testing.T) {
	data, err := os.ReadFile("testdata/envelope.json")
	require.NoError(t, err)
	key := goldenKey(t)
	want, _, err := open(data, key)
	require.NoError(t, err)
	var e envelope
	require.NoError(t, json.Unmarshal(data, &e))
	inside := func(i int, part string) bool {
		start := bytes.Index(data, []byte(part))
		return i >= start && i < start+len(part)
	}
	accepted := 0
	for i := range data {
		payload := inside(i, e.Payload)
		authentic := payload || inside(i, e.PayloadType) || inside(i, e.Signatures[0].Sig)
		for bit := range 8 {
			if payload && bit != i%8 {
				continue // eight times as many tell no more
			}
			changed := bytes.Clone(data)
			changed[i] ^= 1 << bit
			got, signed, err := open(changed, key)
			if err != nil {
				continue
			}
			accepted++
			require.False(t, authentic, "byte %d, bit %d", i, bit)
			require.Equal(t, want, got, "byte %d, bit %d", i, bit)
			require.Equal(t, SignatureValid, signed)
		}
	}
	require.Positive(t, accepted, "the key ID is a hint that nobody signed")
}

func FuzzOpen(f *testing.F) {
	for _, name := range []string{"statement.json", "envelope.json"} {
		data, err := os.ReadFile("testdata/" + name)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte(`{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"x","sig":"AA=="}]}`))
	f.Add([]byte(`{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://in-toto.io/attestation/test-result/v0.1","subject":[{}]}`))
	key := goldenKey(f)
	golden, err := os.ReadFile("testdata/statement.json")
	require.NoError(f, err)
	signedStatement, err := decodeStatement(golden)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, signed, err := open(data, key); err == nil {
			require.Equal(t, SignatureValid, signed)
			require.Equal(t, signedStatement, s, "a signature that nobody made")
		}
		s, signed, err := open(data, nil)
		if err != nil {
			require.True(t, errors.Is(err, ErrUnreadable) || errors.Is(err, ErrUntrusted), "%v", err)
			return
		}
		require.Contains(t, []Signature{SignatureNone, SignatureNotChecked}, signed)
		text, err := encode(s)
		require.NoError(t, err)
		again, err := decodeStatement(text)
		require.NoError(t, err)
		twice, err := encode(again)
		require.NoError(t, err)
		require.Equal(t, string(text), string(twice))
		for _, d := range s.Subject {
			if nameFlaw(d.Name) == "" {
				require.True(t, fs.ValidPath(d.Name), "%q", d.Name)
			}
		}
	})
}
