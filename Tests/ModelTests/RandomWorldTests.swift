import RandomNumbers
import RandomWorlds
import ReferenceModel
import Testing

@Suite("Random worlds")
struct RandomWorldTests {
    private static func scenario(seed: UInt64, steps: Int) -> Scenario {
        var world = RandomWorld(random: RandomNumbers(seed: seed))
        var scenario = Scenario(start: world.world, clock: world.clock)
        for _ in 0..<steps { scenario.steps.append(world.nextStep(questions: 3)) }
        return scenario
    }

    @Test func seedRepeatsAScenario() {
        let scenario = Self.scenario(seed: 7, steps: 50)
        #expect(scenario == Self.scenario(seed: 7, steps: 50))
        #expect(scenario != Self.scenario(seed: 8, steps: 50))
    }

    @Test func editMakesTheOnePoliciesOfTheOther() {
        var random = RandomNumbers(for: "edits of policies")
        for _ in 0..<20 {
            let one = RandomWorld(random: random).world.policies
            random = RandomNumbers(seed: random.next())
            let other = RandomWorld(random: random).world.policies
            let edited = PolicyEdit(from: one, to: other).applied(to: one)
            #expect(PolicyEdit(from: edited, to: other) == PolicyEdit(from: other, to: other))
        }
    }

    @Test func instantsAreWrittenAsTheyAre() {
        #expect(rfc3339(0) == "1970-01-01T01:30:00+01:30")
        #expect(rfc3339(43_200_000) == "1970-01-01T12:00:00Z")
        #expect(rfc3339(1_795_219_200_000) == "2026-11-21T01:30:00+01:30")
        #expect(rfc3339(1_795_305_599_999) == "2026-11-21T23:59:59.999Z")
        #expect(rfc3339(1_709_208_000_000) == "2024-02-29T12:00:00Z")
    }

    /// A product with a known error: it takes a not for what it negates. What is left of a failing scenario is small.
    @Test func failingScenarioShrinksToAReadableOne() async {
        var random = RandomNumbers(for: "shrinking")
        var found = 0
        while found < 5 {
            var world = RandomWorld(random: RandomNumbers(seed: random.next()))
            var scenario = Scenario(start: world.world, clock: world.clock)
            for _ in 0..<60 where !Self.isAnsweredWrongly(scenario) {
                scenario.steps.append(world.nextStep(questions: 3))
            }
            guard Self.isAnsweredWrongly(scenario) else { continue }
            found += 1
            let small = await scenario.shrunk { Self.isAnsweredWrongly($0) }
            #expect(Self.isAnsweredWrongly(small))
            #expect("\(small)".split(separator: "\n").count <= 16, "\(small)")
        }
    }

    /// Whether the last step is a question to which such a product has another answer.
    private static func isAnsweredWrongly(_ scenario: Scenario) -> Bool {
        var (world, clock) = (scenario.start, scenario.clock)
        for step in scenario.steps { step.happen(to: &world, &clock) }
        guard case .ask(let questions)? = scenario.steps.last else { return false }
        var wrong = world
        for place in wrong.policies.dataSources.indices {
            guard case .condition(let condition) = wrong.policies.dataSources[place].subscription else { continue }
            wrong.policies.dataSources[place].subscription = .condition(withoutNot(condition))
        }
        return questions.contains { wrong.answer($0, at: clock.wall) != world.answer($0, at: clock.wall) }
    }

    private static func withoutNot(_ condition: Condition) -> Condition {
        switch condition {
        case .group, .attribute: condition
        case .not(let part): withoutNot(part)
        case .all(let parts): .all(parts.map(withoutNot))
        case .any(let parts): .any(parts.map(withoutNot))
        }
    }
}
