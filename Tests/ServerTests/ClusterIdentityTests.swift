import Decision
import Identity
import Testing

@testable import Server

struct ClusterIdentityTests {
    @Test func principalWithoutARealmInAPolicyIsOneOfTheDefaultRealm() throws {
        let configured = try Bench.identity.configuredPrincipal("alice")
        #expect(configured.matches(try Bench.identity.caller("alice@EXAMPLE.COM".utf8)))
        #expect(configured.matches(try Bench.identity.caller("alice".utf8)))
        #expect(configured.shortNameKey == "alice")
    }

    @Test func callersOfOtherRealmsAreNotTheConfiguredPrincipal() throws {
        let rules = try AuthToLocal(rules: "RULE:[1:$1] DEFAULT", defaultRealm: "EXAMPLE.COM")
        let identity = ClusterIdentity(rules: rules, principalCase: .sensitive, defaultRealm: "EXAMPLE.COM")
        let configured = try identity.configuredPrincipal("alice@EXAMPLE.COM")
        #expect(!configured.matches(try identity.caller("alice@OTHER.COM".utf8)))
    }

    @Test func caseRuleIsAnOption() throws {
        let rules = try AuthToLocal(defaultRealm: "EXAMPLE.COM")
        let insensitive = ClusterIdentity(rules: rules, principalCase: .insensitive, defaultRealm: "EXAMPLE.COM")
        let upper = try insensitive.caller("ALICE@EXAMPLE.COM".utf8)
        #expect(try insensitive.configuredPrincipal("alice@EXAMPLE.COM").matches(upper))
        #expect(try !Bench.identity.configuredPrincipal("alice@EXAMPLE.COM").matches(upper))
    }

    @Test func nameThatIsNoPrincipalStandsForNobody() {
        #expect(throws: (any Error).self) { try Bench.identity.caller("a\u{0}b".utf8) }
        #expect(throws: (any Error).self) { try Bench.identity.caller("stranger@OTHER.COM".utf8) }
    }
}
