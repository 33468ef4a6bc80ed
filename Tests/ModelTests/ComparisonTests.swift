import Foundation
import RandomNumbers
import RandomWorlds
import ReferenceModel
import Testing

/// `docs/testing.md` says what this compares, and how to see that it finds errors.
@Suite("The product and the reference model never differ")
struct ComparisonTests {
    private static let questionsPerWorld = 2_500
    private static let questionsAtATime = 50
    /// Each has 2,500 questions: 300,000 in all.
    private static let worlds = ProcessInfo.processInfo.environment["AUTHORIZER_WORLDS"].flatMap { Int($0) } ?? 120
    private static let tasks = 2
    /// What happens less often than this has not been compared. The rarest come to some 40 times.
    private static let least = 5

    @Test func everyQuestionGetsTheModelsAnswerWhateverHappensMeanwhile() async throws {
        let seed = RandomNumbers(for: "comparison of product and model").seed
        let notebooks = (0..<Self.tasks).map { _ in Notebook() }
        let coverages = try await withThrowingTaskGroup(of: Coverage?.self) { group in
            for task in 0..<Self.tasks {
                group.addTask {
                    var coverage = Coverage()
                    for world in stride(from: task, to: Self.worlds, by: Self.tasks) {
                        guard let more = try await Self.compare(world, seed: seed, notebooks[task]) else { return nil }
                        coverage.add(more)
                    }
                    return coverage
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        // The difference has been reported.
        guard coverages.allSatisfy({ $0 != nil }) else { return }
        var (coverage, notebook) = (Coverage(), Notebook())
        for more in coverages.compactMap(\.self) { coverage.add(more) }
        for more in notebooks { notebook.add(more) }
        let all = coverage.all(notebook)
        let rarest = all.prefix(12).map { "\($0.what) \($0.count)" }.joined(separator: ", ")
        print("\(coverage.questions) questions in \(Self.worlds) worlds; the rarest: \(rarest)")
        let missing = all.filter { $0.count < Self.least }.map(\.what).joined(separator: ", ")
        #expect(missing.isEmpty, "random worlds hardly ever come to: \(missing)")
        #expect(coverage.questions >= Self.worlds * Self.questionsPerWorld)
    }

    /// One world, until enough was asked.
    ///
    /// - Returns: `nil` if the two differed, which is reported.
    private static func compare(_ world: Int, seed: UInt64, _ notebook: Notebook) async throws -> Coverage? {
        var random = RandomNumbers(seed: seed &+ UInt64(world) &* 0xD1B5_4A32_D192_ED03)
        let cacheCapacity = random.one(of: [8, 64, 1_024])
        var worlds = RandomWorld(random: random)
        var scenario = Scenario(start: worlds.world, clock: worlds.clock)
        var contest = try await Contest(scenario, cacheCapacity: cacheCapacity, notebook: notebook)
        while contest.coverage.questions < questionsPerWorld {
            let step = worlds.nextStep(questions: questionsAtATime)
            scenario.steps.append(step)
            guard let difference = try await contest.take(step) else { continue }
            try await contest.product.shutDown()
            await report(difference, scenario, cacheCapacity, "AUTHORIZER_SEED=\(seed), world \(world)")
            return nil
        }
        try await contest.product.shutDown()
        return contest.coverage
    }

    /// Tells the smallest scenario that still shows such a difference.
    private static func report(
        _ difference: Contest.Difference, _ scenario: Scenario, _ cacheCapacity: Int, _ seed: String
    ) async {
        // With less it would refuse other things as well.
        if difference.kind == Contest.Difference.refusal {
            Issue.record("\(seed)\n\(Scenario(start: scenario.start, clock: scenario.clock))\n\(difference.words)")
            return
        }
        let small = await scenario.shrunk { await self.difference(in: $0, cacheCapacity)?.kind == difference.kind }
        let words = await self.difference(in: small, cacheCapacity)?.words ?? difference.words
        Issue.record("\(seed)\n\(small)\n\(words)")
    }

    /// What the last step shows; `nil` if one before does, or if the product refuses something.
    private static func difference(in scenario: Scenario, _ cacheCapacity: Int) async -> Contest.Difference? {
        guard var contest = try? await Contest(scenario, cacheCapacity: cacheCapacity) else { return nil }
        var found: Contest.Difference?
        do {
            for (place, step) in scenario.steps.enumerated() {
                found = try await contest.take(step)
                if found != nil {
                    if place < scenario.steps.count - 1 { found = nil }
                    break
                }
            }
        } catch {
            found = nil
        }
        try? await contest.product.shutDown()
        return found
    }
}
