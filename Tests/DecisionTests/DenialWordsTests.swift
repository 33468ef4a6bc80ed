import Policy
import Testing

@testable import Decision

@Suite("What a denied reader is told")
struct DenialWordsTests {
    @Test(arguments: Reason.allCases)
    func wordsNameTheReason(reason: Reason) {
        #expect(words(reason).contains("(\(reason.word))"))
    }

    @Test func wordsNameTheDataSourceAndWhomToAsk() {
        #expect(
            words(.notSubscribed) == "you are not subscribed to data source `sales` (not-subscribed); ask data office")
    }

    @Test func contactOfTheDataSourceGoesBeforeTheGeneralOne() {
        #expect(words(.notSubscribed, contact: "sales team").hasSuffix("; ask sales team"))
    }

    @Test func nobodyIsNamedWhereNobodyIsKnown() {
        let nobody = words(.rawTableRead, settings: Settings())
        #expect(!nobody.contains("ask"))
    }

    @Test func badPathNamesNoDataSource() {
        let snapshot = policies(settings: Settings(contact: "data office"))
        let decision = Decision(verdict: .deny, reason: .badPath, policyVersion: 1)
        #expect(
            DenialWords.words(for: decision, in: snapshot)
                == "the path cannot be made canonical (bad-path); ask data office")
    }

    private func words(
        _ reason: Reason, contact: String? = nil, settings: Settings = Settings(contact: "data office")
    ) -> String {
        let snapshot = policies(settings: settings, sources: [source("sales", "/sales", contact: contact)])
        let decision = Decision(verdict: .deny, reason: reason, policyVersion: 1, dataSource: 0)
        return DenialWords.words(for: decision, in: snapshot)
    }
}

@Suite("Codes and their words")
struct CodeTests {
    @Test func wordsOfReasonsAndVerdictsReadBack() {
        for reason in Reason.allCases { #expect(Reason(word: reason.word) == reason) }
        for verdict in Verdict.allCases { #expect(Verdict(word: verdict.word) == verdict) }
        #expect(Reason(word: "unknown") == nil)
        #expect(Verdict(word: "Allow") == nil)
    }

    /// The numbers of the wire and of the journal, which never change.
    @Test func codesAreThoseOfTheWire() {
        #expect(Verdict.allCases.map(\.rawValue) == [1, 2, 3])
        #expect(Verdict.allCases.map(\.word) == ["allow", "deny", "native"])
        #expect(Operation.allCases.map(\.rawValue) == [1, 2, 3])
        #expect(Operation.allCases.map(\.word) == ["read", "traverse", "move"])
        #expect(Reason.allCases.map(\.rawValue) == Array(1...21))
        #expect(
            Reason.allCases.map(\.word) == [
                "not-protected", "bad-path", "ignored-user", "unmapped-user", "ambiguous-principal", "disabled-user",
                "data-owner", "grant", "raw-table-read", "not-subscribed", "outside-project", "purpose", "policy",
                "subscribed", "not-in-catalogue", "unavailable", "audit-unavailable", "leaves-cover", "bad-principal",
                "superuser", "subscribed-uncrawled",
            ])
    }
}
