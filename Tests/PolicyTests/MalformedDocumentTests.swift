import Policy
import StrictYAML
import Testing
import Wording

/// Files that cannot be read as YAML, or must not be.
struct MalformedDocumentTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var yaml: String
        var complaint: String

        init(_ description: String, _ yaml: String, _ complaint: String) {
            testDescription = description
            self.yaml = yaml
            self.complaint = complaint
        }
    }

    @Test(arguments: [
        Case(
            "an open list", "users: [",
            "policy.yaml:2:1: not valid YAML: while parsing a flow node: did not find expected node content"),
        Case(
            "an open quote", "users: \"abc",
            "policy.yaml:1:12: not valid YAML: while scanning a quoted scalar: found unexpected end of stream"),
        Case(
            "a control character", "users:\n  - name: a\u{01}b\n",
            "policy.yaml:2:12: not valid YAML: control characters are not allowed"),
        Case(
            "an anchor", "groups:\n  - name: &a x\n",
            "policy.yaml:2:11: anchors and aliases are not accepted; write the value out at each place"),
        Case("an alias of nothing", "groups: *x\n", "policy.yaml:1:9: not valid YAML: found undefined alias"),
        Case(
            "a second document", "groups: [{name: a}]\n---\ngroups: []\n",
            "policy.yaml:3:1: a second document in one file; put it in a file of its own"),
        Case(
            "a key twice at the top", "groups: []\nusers: []\ngroups: []\n",
            "policy.yaml:1:1: the key `groups` is written more than once in one mapping; keep one"),
        Case(
            "a key twice, once in quotes", "users:\n  - name: a\n    \"name\": b\n",
            "policy.yaml:2:5: the key `name` is written more than once in one mapping; keep one"),
        Case(
            "a list within lists", "x: \(String(repeating: "[", count: 70))\(String(repeating: "]", count: 70))",
            "policy.yaml:1:67: nested more than 64 deep; make it flatter"),
        Case("a list at the top", "[]", "policy.yaml:1:1: expected a mapping, found a list"),
        Case("a word at the top", "hello", "policy.yaml:1:1: expected a mapping, found `hello`"),
        Case(
            "a tag", "groups: !!set {a}",
            "policy.yaml:1:9: `groups`: expected a list, found the tag `tag:yaml.org,2002:set`; remove it"),
        Case("a list as a key", "? [a]\n: 1", "policy.yaml:1:3: expected text, found a list"),
    ])
    func isRefusedWithItsPlace(file: Case) {
        #expect(complaints(reading: file.yaml) == [file.complaint])
    }

    @Test func deepestNestingIsRefusedWithoutExhaustingTheStack() {
        let opened = String(repeating: "[", count: 100_000)
        #expect(complaints(reading: opened) == ["policy.yaml:1:1: nested more than 64 deep; make it flatter"])
    }

    @Test(arguments: ["c: *i", "? *i\n    : c", "{*i : c}"])
    func aliasesDoNotMultiply(use: String) {
        var yaml = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        for (name, previous) in zip("bcdefghi", "abcdefgh") {
            yaml += "\(name): &\(name) [\(Array(repeating: "*\(previous)", count: 10).joined(separator: ","))]\n"
        }
        #expect(
            complaints(reading: "\(yaml)z:\n  - \(use)\n")
                == ["policy.yaml:1:4: anchors and aliases are not accepted; write the value out at each place"])
    }

    @Test(
        arguments: [
            ([0x67, 0x72, 0xFF], "policy.yaml:1:3: not valid UTF-8; save the file in UTF-8"),
            (Array("groups:\n  - name: é".utf8) + [0xC3], "policy.yaml:2:12: not valid UTF-8; save the file in UTF-8"),
            ([0xFF, 0xFE, 0x67, 0x00], "policy.yaml:1:1: not valid UTF-8; save the file in UTF-8"),
            ([0xED, 0xA0, 0x80], "policy.yaml:1:1: not valid UTF-8; save the file in UTF-8"),
        ] as [([UInt8], String)])
    func invalidUTF8IsRefusedWithItsPlace(bytes: [UInt8], complaint: String) {
        let file = SourceFile(name: "policy.yaml", bytes: bytes)
        #expect(complaints(applying: [file]) == [complaint])
    }

    @Test func aDocumentTooLargeIsRefused() {
        let file = SourceFile(name: "big.yaml", bytes: Array(repeating: UInt8(ascii: "#"), count: 16_777_217))
        #expect(
            complaints(applying: [file]) == [
                "big.yaml: the file has 16777217 bytes and a file may have 16777216; "
                    + "split it into several files"
            ])
    }

    @Test func everyFileIsComplainedOf() {
        let files = [file("[", name: "a.yaml"), file("usres: []", name: "b.yaml"), file("users: 1", name: "c.yaml")]
        #expect(
            complaints(applying: files) == [
                "a.yaml:2:1: not valid YAML: while parsing a flow node: did not find expected node content",
                "b.yaml:1:1: unknown field `usres`; did you mean `users`",
                "c.yaml:1:8: `users`: expected a list, found `1`",
            ])
    }

    @Test func moreProblemsThanCanBeReadAreCounted() {
        let users = (1...130).map { "  - name: u\($0)\n    enabled: maybe\n" }.joined()
        let told = complaints(reading: "users:\n\(users)")
        #expect(told.count == DocumentErrors.limit + 1)
        #expect(told.first == "policy.yaml:3:14: user `u1`: `enabled`: expected `true` or `false`, found `maybe`")
        #expect(told.last == "and 30 more; mend these first")
    }
}
