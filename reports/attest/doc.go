// Package attest turns the results of runs into an attestation that another machine
// can check before it deploys: which files the verdict rests on, by their digests,
// what came of each criterion, and by what criteria and profile it was judged.
//
//	statement, err := attest.Attest([]string{"out/phase2/result.json"}, []string{"out/phase2/report.html"},
//		attest.Options{Out: "out/attestation.json"})
//	key, err := attest.LoadPrivateKey("signoff.key")
//	err = attest.Write("out/attestation.json", statement, key) // a nil key writes it unsigned
//	...
//	report, err := attest.Verify("out/attestation.json", attest.VerifyOptions{PublicKey: public})
//
// The statement is an in-toto Statement v1 with the predicate test-result v0.1; the
// signature is a DSSE envelope around it with an Ed25519 key. Sources:
// https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md,
// https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md and
// https://github.com/secure-systems-lab/dsse/blob/master/protocol.md.
//
// How a result becomes a statement:
//
//   - subject: every file with its SHA-256, under its name relative to the folder of the
//     statement; files that are results carry the media type [ResultMediaType]. Then the
//     git commit, when every result is of the same one and none of a dirty tree. What
//     ran from a dirty tree is not what the commit holds: the statement then names no
//     commit, and a gate that asks for one refuses it. Results of different commits are
//     not attested together.
//   - configuration: the Inputs of the results, with digests. A result without inputs is
//     refused, because nobody could tell what it was judged by.
//   - passedTests and failedTests: the IDs of criteria. NO DATA is a failure.
//   - A criterion that was SKIPPED, or that passed in an interrupted run, is in no list.
//     The specification has the lists record tests that passed, passed with warnings and
//     failed, and has a policy check "that all tests were in fact run": what did not run
//     to its end is none of the three, and a policy that accepts a test in passedTests
//     "or possibly warnedTests" must not find it there. warnedTests is always empty.
//   - result: FAILED unless every result is a PASS, so that an interrupted run fails;
//     WARNED when all passed but criteria were skipped, so that a gate that looks at
//     nothing but PASSED stops, and a person looks; else PASSED.
//
// Where one criterion is judged in several results, the worst verdict counts.
//
// [Verify] believes nothing that it can work out: it digests every file anew, reads
// every result again with all the checks of reports.ReadJSON, builds the predicate from
// them and compares. What it cannot work out is the URL, and whether an unsigned
// statement is the one that was written: whoever can change a result and its statement
// together can change both. That is what the signature is for. Nor can it know what is to
// be deployed: an old attestation holds for ever, so a gate compares [Report].Commit with
// the commit it is about to deploy.
//
// The types are our own and small. Those of github.com/in-toto/attestation/go are
// protobuf messages: their JSON is deliberately not stable from build to build, and an
// empty list is left out, where the specification's example keeps it. A test reads what
// this package writes with them all the same.
//
// What it does not do: it fetches no keys, asks no server and writes to no transparency
// log; it takes no other keys than Ed25519, and checks one signer.
//
// All functions are safe for concurrent use. Every read is capped, see the constants.
package attest
