import ReferenceModel

extension Scenario {
    /// A scenario that still fails in its last step, and of which nothing can be left out without its passing.
    ///
    /// - Parameters:
    ///   - tries: how many scenarios are tried at most.
    ///   - fails: whether a scenario still fails in its last step. Must not hold for one that the product refuses.
    package func shrunk(tries: Int = 3_000, while fails: (Scenario) async -> Bool) async -> Scenario {
        var left = tries
        func stillFails(_ scenario: Scenario) async -> Bool {
            left -= 1
            return left >= 0 ? await fails(scenario) : false
        }
        var smallest = await withoutHistory(while: stillFails)
        smallest = await smallest.withFewerSteps(while: stillFails)
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            var (choices, place) = (smallest.simpler, 0)
            while place < choices.count {
                if await stillFails(choices[place]) {
                    (smallest, hasChanged) = (choices[place], true)
                    // What comes at this place now is the next thing that may be left out.
                    choices = smallest.simpler
                } else {
                    place += 1
                }
            }
        }
        return smallest
    }

    /// The last step in the world as it has become by then, if it fails there too.
    private func withoutHistory(while fails: (Scenario) async -> Bool) async -> Scenario {
        guard let last = steps.last else { return self }
        var short = self
        short.steps = [last]
        for step in steps.dropLast() { step.happen(to: &short.start, &short.clock) }
        return await fails(short) ? short : self
    }

    /// Leaves out half of the steps, a quarter, and so on.
    private func withFewerSteps(while fails: (Scenario) async -> Bool) async -> Scenario {
        var smallest = self
        var size = max(1, steps.count / 2)
        while true {
            var end = smallest.steps.count - 1
            while end > 0 {
                var fewer = smallest
                fewer.steps.removeSubrange(max(0, end - size)..<end)
                if await fails(fewer) { smallest = fewer }
                end = min(end - size, smallest.steps.count - 1)
            }
            if size == 1 { return smallest }
            size /= 2
        }
    }

    /// The scenario with one thing less, what takes most away first.
    private var simpler: [Scenario] {
        var all = steps.indices.dropLast().map { place in
            var one = self
            one.steps.remove(at: place)
            return one
        }
        all += withFewerPauses
        for policies in start.policies.simpler {
            var one = self
            one.start.policies = policies
            one.start.tidy()
            all.append(one)
        }
        for state in start.state.simpler {
            var one = self
            one.start.state = state
            all.append(one)
        }
        for crawls in start.simplerCrawls {
            var one = self
            one.start.crawls = crawls
            all.append(one)
        }
        for place in steps.indices {
            all += steps[place].simpler.map { step in
                var one = self
                one.steps[place] = step
                return one
            }
        }
        for change in Self.plainSettings {
            var one = self
            change(&one.start)
            all.append(one)
        }
        return all.filter { $0 != self }
    }

    /// Two pauses that follow one another as one, and no pause at the beginning.
    private var withFewerPauses: [Scenario] {
        var all = steps.indices.dropLast().compactMap { place -> Scenario? in
            guard case .wait(let one) = steps[place], case .wait(let other) = steps[place + 1] else { return nil }
            var fewer = self
            fewer.steps.replaceSubrange(place...place + 1, with: [.wait(one + other)])
            return fewer
        }
        if case .wait(let time)? = steps.first, steps.count > 1 {
            var later = self
            later.steps.removeFirst()
            later.clock.wall += time
            later.clock.monotonic += time
            all.append(later)
        }
        return all
    }

    private static let plainSettings: [@Sendable (inout World) -> Void] = [
        { $0.naming = Naming() }, { $0.naming.ignoresCase = false }, { $0.settings = DecisionSettings() },
        { $0.settings.deniesUnmapped = false }, { $0.settings.intersects = false },
        { $0.settings.needsCatalogue = true },
    ]
}

extension Step {
    /// What the step makes of the world and the clocks, as the model has it.
    ///
    /// - Returns: whether it is carried out.
    @discardableResult
    package func happen(to world: inout World, _ clock: inout Clock) -> Bool {
        switch self {
        case .wait(let time):
            clock.wall += time
            clock.monotonic += time
        case .setClock(let time): clock.wall += time
        case .apply(let edit), .applyAnew(let edit): world.apply(edit.applied(to: world.policies))
        case .rollBack(let policies): world.apply(policies)
        case .perform(let command): return world.perform(command, at: clock.wall)
        case .crawl(let source, let crawl): world.crawls[source] = crawl
        case .restart(let naming, let settings): (world.naming, world.settings) = (naming, settings)
        case .flushCache, .ask, .check, .explain, .whoCanRead: break
        }
        return true
    }

    fileprivate var simpler: [Step] {
        switch self {
        case .ask(let questions):
            guard questions.count == 1 else { return questions.map { .ask([$0]) } }
            return questions[0].simpler.map { .ask([$0]) }
        case .check(let question): return question.simpler.map { .check($0) }
        case .apply(let edit):
            return edit.put.simpler.map { put in
                var less = edit
                less.put = put
                return .apply(less)
            }
        case .applyAnew(let edit): return [.apply(edit)]
        case .restart: return [.restart(Naming(), DecisionSettings())]
        default: return []
        }
    }
}
