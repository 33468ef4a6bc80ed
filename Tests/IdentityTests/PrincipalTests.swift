import Testing

@testable import Identity

@Suite("Principal")
struct PrincipalTests {
    @Test(
        arguments: [
            ("alice", ["alice"], nil),
            ("alice@EXAMPLE.COM", ["alice"], "EXAMPLE.COM"),
            ("hdfs/nn1.example.com@EXAMPLE.COM", ["hdfs", "nn1.example.com"], "EXAMPLE.COM"),
            ("hdfs/nn1", ["hdfs", "nn1"], nil),
            ("a/b/c/d/e@R", ["a", "b", "c", "d", "e"], "R"),
            (#"a\/b/c@R"#, ["a/b", "c"], "R"),
            (#"a\@b@R"#, ["a@b"], "R"),
            (#"a\@b"#, ["a@b"], nil),
            (#"a\\b@R"#, [#"a\b"#], "R"),
            (#"a\tb\nc\bd@R"#, ["a\tb\nc\u{08}d"], "R"),
            (#"a@R\/S\@T"#, ["a"], "R/S@T"),
            ("a//b@R", ["a", "", "b"], "R"),
            ("@R", [""], "R"),
            ("with space@R", ["with space"], "R"),
            ("émilie/Ω@RÉALM", ["émilie", "Ω"], "RÉALM"),
            (#"\é@R"#, ["é"], "R"),
            ("\u{1D6FC}漢@R", ["\u{1D6FC}漢"], "R"),
        ] as [(String, [String], String?)])
    func isReadAsKerberosReadsIt(text: String, components: [String], realm: String?) throws {
        let principal = try Principal(parsing: text)
        #expect(principal.components == components)
        #expect(principal.realm == realm)
    }

    @Test(arguments: [
        ("alice", "alice"),
        ("hdfs/nn1@R", "hdfs/nn1@R"),
        (#"\a\l\i\c\e@R"#, "alice@R"),
        (#"a\@b"#, #"a\@b"#),
        (#"a\@b/c\/d@R\@S"#, #"a\@b/c\/d@R\@S"#),
        ("tab\tbed@R", #"tab\tbed@R"#),
        ("line\nfeed", #"line\nfeed"#),
        (#"a\\b"#, #"a\\b"#),
        ("émilie@R", "émilie@R"),
    ])
    func isWrittenCanonically(text: String, canonical: String) throws {
        let principal = try Principal(parsing: text)
        #expect(principal.description == canonical)
        #expect(try Principal(parsing: canonical) == principal)
    }

    @Test(
        arguments: [
            ("", .empty),
            ("@", .emptyRealm("@")),
            ("alice@", .emptyRealm("alice@")),
            ("alice@R@S", .malformed("alice@R@S")),
            ("alice@R/S", .malformed("alice@R/S")),
            (#"alice\"#, .malformed(#"alice\"#)),
            (#"alice@R\"#, .malformed(#"alice@R\"#)),
            ("ali\0ce@R", .containsNUL),
            (#"ali\0ce@R"#, .containsNUL),
            (#"alice@R\0"#, .containsNUL),
        ] as [(String, PrincipalError)])
    func isRefusedWithTheReason(text: String, error: PrincipalError) {
        #expect(throws: error) { try Principal(parsing: text) }
    }

    @Test func isRefusedWithoutComponents() {
        #expect(throws: PrincipalError.empty) { try Principal(components: [], realm: "R") }
        #expect(throws: PrincipalError.empty) { try Principal(components: [""], realm: nil) }
    }

    @Test(arguments: [[0xFF], [0x61, 0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]] as [[UInt8]])
    func isRefusedIfNotUTF8(bytes: [UInt8]) {
        #expect(throws: PrincipalError.notUTF8) { try Principal(parsing: bytes) }
    }

    @Test func isReadUpToTheMaximumLength() throws {
        let longest = String(repeating: "é", count: Principal.maximumLength / 2)
        #expect(try Principal(parsing: longest.utf8).components == [longest])
        #expect(throws: PrincipalError.tooLong(bytes: 4_097)) { try Principal(parsing: longest + "x") }
        #expect(throws: PrincipalError.tooLong(bytes: 10_000)) {
            try Principal(parsing: [UInt8](repeating: 0x61, count: 10_000))
        }
    }

    @Test func isRefusedIfItsCanonicalFormIsTooLong() {
        let tabs = String(repeating: "\t", count: 3_000)
        #expect(throws: PrincipalError.tooLong(bytes: 6_000)) { try Principal(parsing: tabs) }
    }

    @Test func getsTheDefaultRealmOnlyIfItHasNone() throws {
        #expect(try Principal(parsing: "hdfs/nn1").inDefaultRealm("R").description == "hdfs/nn1@R")
        #expect(try Principal(parsing: "hdfs/nn1@S").inDefaultRealm("R").description == "hdfs/nn1@S")
        #expect(try Principal(parsing: #"a\@b"#).inDefaultRealm("R").description == #"a\@b@R"#)
        #expect(throws: PrincipalError.emptyRealm("hdfs@")) { try Principal(parsing: "hdfs").inDefaultRealm("") }
    }

    @Test func withoutRealmDiffersFromEveryOneWithARealm() throws {
        #expect(try Principal(parsing: "alice") != Principal(parsing: "alice@R"))
        #expect(try Principal(parsing: #"alice\@R"#) != Principal(parsing: "alice@R"))
    }

    @Test func differsIfItsBytesDo() throws {
        let composed = try Principal(parsing: "\u{E9}milie@R")
        let decomposed = try Principal(parsing: "e\u{301}milie@R")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, composed]).count == 2)
    }

    @Test func isReadByManyThreadsAtOnce() async throws {
        try await withThrowingTaskGroup(of: Principal.self) { group in
            for number in 0..<500 {
                group.addTask { try Principal(parsing: #"user\/\#(number)/host@REALM"#) }
            }
            let principals = try await group.reduce(into: Set<Principal>()) { $0.insert($1) }
            #expect(principals.count == 500)
        }
    }

    @Test func messageShowsHostileTextHarmlessly() throws {
        let error = try #require(throws: PrincipalError.self) { try Principal(parsing: "a@b@c\n\u{202E}forged") }
        #expect(error.description.contains(#"`a@b@c\n\u{202E}forged`"#))
        let long = try #require(throws: PrincipalError.self) {
            try Principal(parsing: String(repeating: "@", count: 4_000))
        }
        #expect(long.description.utf8.count < 500)
    }
}
