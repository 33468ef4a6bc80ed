import Testing

@testable import Identity

@Suite("Case rule for principals")
struct PrincipalCaseTests {
    @Test(arguments: [
        ("alice@R", "alice@R"),
        ("e\u{301}@R", "e\u{301}@R"),
        (#"a\@B"#, #"\a\@\B"#),
    ])
    func onePrincipalHasOneKey(first: String, second: String) throws {
        for rule in PrincipalCase.allCases {
            #expect(try key(first, rule) == key(second, rule))
        }
    }

    @Test(arguments: [
        ("alice@EXAMPLE.COM", "Alice@example.com"),
        ("ÉMILIE@R", "émilie@r"),
        ("ЖУК@R", "жук@R"),
    ])
    func onlyTheInsensitiveRuleTakesTheCasesForOne(first: String, second: String) throws {
        #expect(try key(first, .sensitive) != key(second, .sensitive))
        #expect(try key(first, .insensitive) == key(second, .insensitive))
    }

    @Test(
        arguments: [
            ("alice", "alice@R"),
            (#"alice\@R"#, "alice@R"),
            ("\u{E9}@R", "e\u{301}@R"),
            ("\u{212A}evin@R", "kevin@R"),
            ("\u{130}@R", "i@R"),
            ("stra\u{DF}e@R", "strasse@R"),
            ("\u{E9}@R", #"\\u{E9}@R"#),
        ],
        PrincipalCase.allCases
    )
    func differentPrincipalsHaveDifferentKeys(principals: (String, String), rule: PrincipalCase) throws {
        #expect(try key(principals.0, rule) != key(principals.1, rule))
    }

    @Test func shortNamesAreComparedLikePrincipals() {
        #expect(PrincipalCase.insensitive.key(ofShortName: "Alice") == "alice")
        #expect(PrincipalCase.sensitive.key(ofShortName: "Alice") == "Alice")
        #expect(
            PrincipalCase.sensitive.key(ofShortName: "\u{E9}") != PrincipalCase.sensitive.key(ofShortName: "e\u{301}"))
        #expect(
            PrincipalCase.sensitive.key(ofShortName: "\u{E9}") != PrincipalCase.sensitive.key(ofShortName: #"\u{E9}"#))
    }

    @Test func keyIsASCII() throws {
        #expect(try key("émilie/Ω@RÉALM", .sensitive).utf8.allSatisfy { $0 < 0x80 })
    }

    private func key(_ text: String, _ rule: PrincipalCase) throws -> String {
        rule.key(of: try Principal(parsing: text))
    }
}
