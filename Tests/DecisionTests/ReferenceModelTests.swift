import RandomNumbers
import Testing

@testable import Decision

@Suite("The product and the reference model never differ")
struct ReferenceModelTests {
    private static let worlds = 20
    private static let changes = 100
    private static let questionsPerChange = 50

    /// 100,000 reads, 10,000 moves. One cache lives through all changes of a world: what it holds is never outdated.
    @Test func randomQuestionsGetTheModelsAnswers() {
        var random = RandomNumbers(for: "reference model")
        for _ in 0..<Self.worlds {
            var policies = RandomPolicies(random: random)
            let desk = Desk(policies.snapshot, cacheCapacity: policies.random.one(of: [8, 64, 1_024]), timeToLive: 40)
            for _ in 0..<Self.changes {
                policies.change()
                desk.snapshot = policies.snapshot
                desk.catalogue = policies.catalogue
                for _ in 0..<Self.questionsPerChange { compareRead(desk, &policies) }
                for _ in 0..<Self.questionsPerChange / 10 { compareMove(desk, &policies) }
            }
            #expect(desk.cache.statistics.hits > 0)
            #expect(desk.cache.statistics.outdated > 0)
            random = policies.random
        }
    }

    private func compareRead(_ desk: Desk, _ policies: inout RandomPolicies) {
        desk.now += policies.random.one(of: [0, 0, 0, 1, 5])
        let (path, principal) = (policies.path(), policies.principal())
        let decision = desk.read(path, as: principal)
        let expected = policies.model.read(path, by: principal)
        let question = "`\(principal)` reads `\(path)`, seed \(policies.random.seed)"
        #expect(decision.verdict.word == expected.verdict, "\(question)")
        #expect(expected.reasons.contains(decision.reason.word), "\(question)")
        #expect(expected.sources.isEmpty == (decision.dataSource == nil), "\(question)")
        #expect(desk.dataSource(of: decision).map(expected.sources.contains) ?? true, "\(question)")
        #expect(decision.age < desk.cache.timeToLive, "\(question)")
        #expect(decision.policyVersion <= policies.version, "\(question)")
        let traversal = desk.traverse(path, as: principal)
        let mayTraverse = policies.model.allowsTraversal(path, by: principal)
        #expect(traversal.verdict.word == (mayTraverse ? "allow" : "native"), "\(question)")
    }

    /// The product may refuse more than the model, which looks at every path below; never less.
    private func compareMove(_ desk: Desk, _ policies: inout RandomPolicies) {
        let (path, destination, principal) = (policies.path(), policies.path(), policies.principal())
        let decision = desk.move(path, to: destination, as: principal)
        guard policies.model.mustRefuse(moving: path, to: destination, by: principal) else { return }
        #expect(
            decision.verdict == .deny,
            "`\(principal)` moves `\(path)` to `\(destination)`, seed \(policies.random.seed)")
    }
}
