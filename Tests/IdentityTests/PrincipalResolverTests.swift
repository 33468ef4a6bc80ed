import Testing

@testable import Identity

@Suite("Names from the NameNode")
struct PrincipalResolverTests {
    private let resolver: PrincipalResolver

    init() throws {
        resolver = PrincipalResolver(
            rules: try AuthToLocal(rules: "RULE:[2:$1] DEFAULT", defaultRealm: "EXAMPLE.COM")
        )
    }

    @Test(arguments: [
        ("alice@EXAMPLE.COM", "alice@EXAMPLE.COM", "alice", true),
        ("hdfs/nn1@OTHER.ORG", "hdfs/nn1@OTHER.ORG", "hdfs", true),
        ("hdfs/nn1", "hdfs/nn1", "hdfs", false),
        ("alice", "alice", "alice", false),
        ("John Smith", "John Smith", "John Smith", false),
        ("émilie", "émilie", "émilie", false),
        (#"CORP\alice"#, #"CORP\\alice"#, #"CORP\alice"#, false),
        (#"alice\"#, #"alice\\"#, #"alice\"#, false),
    ])
    func haveAPrincipalAndAShortName(name: String, canonical: String, shortName: String, hasRealm: Bool) throws {
        let resolved = try resolver.resolve(name.utf8)
        #expect(resolved.canonical == canonical)
        #expect(resolved.shortName == shortName)
        #expect(resolved.hasRealm == hasRealm)
    }

    @Test(arguments: [#"alic\e@EXAMPLE.COM"#, #"a\@b@EXAMPLE.COM"#, #"hdfs/nn\1"#])
    func withABackslashThatMayOrMayNotEscapeAreRefused(name: String) {
        #expect(throws: PrincipalResolverError.ambiguousBackslash(name)) { try resolver.resolve(name.utf8) }
    }

    @Test(
        arguments: [
            ([], .principal(.empty)),
            ([0xFF], .principal(.notUTF8)),
            ([0x61, 0x00], .principal(.containsNUL)),
            ([0x5C, 0x00], .principal(.containsNUL)),
            ([UInt8](repeating: 0x61, count: 10_000), .principal(.tooLong(bytes: 10_000))),
            ([UInt8](repeating: 0x5C, count: 10_000), .principal(.tooLong(bytes: 10_000))),
            (Array("alice@A@B".utf8), .principal(.malformed("alice@A@B"))),
            (Array("alice@OTHER.ORG".utf8), .shortName(.noMatchingRule("alice@OTHER.ORG"))),
            (Array("a/b/c@EXAMPLE.COM".utf8), .shortName(.malformedName("a/b/c@EXAMPLE.COM"))),
        ] as [([UInt8], PrincipalResolverError)])
    func thatStandForNobodyAreRefusedWithTheReason(name: [UInt8], error: PrincipalResolverError) {
        #expect(throws: error) { try resolver.resolve(name) }
    }
}
