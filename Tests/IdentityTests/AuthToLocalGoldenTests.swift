import Foundation
import Testing

@testable import Identity

/// What Hadoop itself makes of rules and principals, written down by `Golden/KerberosNameGolden.java`.
struct GoldenCase {
    let mechanism: AuthToLocal.Mechanism
    let rules: String
    let principal: String
    let outcome: String

    /// The cases of one Hadoop release.
    static func all(of release: String) throws -> [GoldenCase] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Golden/auth_to_local-\(release).tsv")
        return try String(contentsOf: file, encoding: .utf8)
            .split(separator: "\n")
            .map { line in
                let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(unescaped)
                let mechanism = try #require(AuthToLocal.Mechanism(named: columns[0]))
                return GoldenCase(
                    mechanism: mechanism,
                    rules: columns[1],
                    principal: columns[2],
                    outcome: columns[3]
                )
            }
    }

    private static func unescaped(_ column: Substring) -> String {
        var result = String.UnicodeScalarView()
        var scalars = column.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "\\", let escaped = scalars.next() else {
                result.append(scalar)
                continue
            }
            result.append(["t": "\t", "n": "\n", "r": "\r"][escaped] ?? escaped)
        }
        return String(result)
    }

    /// What comes of the case here, in the words of the golden file.
    var actualOutcome: String {
        do {
            let rules = try AuthToLocal(rules: rules, mechanism: mechanism, defaultRealm: "EXAMPLE.COM")
            let resolved = try PrincipalResolver(rules: rules).resolve(principal.utf8)
            return "=\(resolved.shortName)"
        } catch is AuthToLocalSyntaxError {
            return "!invalid-rules"
        } catch PrincipalResolverError.shortName(.noMatchingRule) {
            return "!no-matching-rule"
        } catch PrincipalResolverError.shortName(.nonSimpleName) {
            return "!non-simple-name"
        } catch PrincipalResolverError.shortName(.faultyRule) {
            return "!faulty-rule"
        } catch PrincipalResolverError.principal, PrincipalResolverError.shortName(.malformedName) {
            return "!malformed-name"
        } catch {
            return "!\(error)"
        }
    }

    /// Whether Hadoop 2.7.4 takes the principal apart in another way than 3.3.6 does: with two components and no realm,
    /// or with an empty part.
    var isReadDifferentlyByHadoop2: Bool {
        let parts = principal.split(separator: "@", omittingEmptySubsequences: false)
        let components = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 1 ? components.count == 2 : parts.contains("") || components.contains("")
    }
}

@Suite("auth_to_local agrees with Hadoop")
struct AuthToLocalGoldenTests {
    @Test func agreesWithHadoop3OnEveryCase() throws {
        let cases = try GoldenCase.all(of: "3.3.6")
        #expect(cases.count > 3_000)
        recordDisagreements(cases)
    }

    @Test func agreesWithHadoop2OnEveryCaseThatBothReleasesReadAlike() throws {
        let cases = try GoldenCase.all(of: "2.7.4").filter { !$0.isReadDifferentlyByHadoop2 }
        #expect(cases.count > 2_000)
        recordDisagreements(cases)
    }

    private func recordDisagreements(_ cases: [GoldenCase]) {
        for expected in cases {
            let actual = expected.actualOutcome
            if !actual.utf8.elementsEqual(expected.outcome.utf8) {
                Issue.record("\(expected): \(actual)")
            }
        }
    }
}
