import Decision
import Policy
import RandomWorlds
import ReferenceModel
import Wire

/// Product and model side by side, put through the same.
struct Contest {
    /// What the two do not agree in.
    struct Difference {
        /// What kind of thing it is in. A scenario is made smaller as long as it shows the same kind.
        var kind: String
        var words: String

        /// The product does not take what it has to.
        static let refusal = "refusal"
    }

    private(set) var world: World
    private(set) var clock: RandomWorlds.Clock
    private(set) var coverage = Coverage()
    let product: Product
    /// By how much the wall clock was ahead of the monotonic one before somebody set it, and when it was set.
    private var pastLeads: [(lead: Int64, until: Int64)] = []

    private static let tenMinutes: Int64 = 600_000

    /// - Parameter notebook: where it is noted what the model looks at.
    init(_ scenario: Scenario, cacheCapacity: Int, notebook: Notebook? = nil) async throws {
        world = scenario.start
        world.notebook = notebook
        clock = scenario.clock
        product = try await Product(world, clock, cacheCapacity: cacheCapacity)
    }

    mutating func take(_ step: Step) async throws -> Difference? {
        coverage.count(step)
        let statistics = product.engine.cacheStatistics
        let lead = clock.wall - clock.monotonic
        let isDone = step.happen(to: &world, &clock)
        let isDoneByProduct: Bool
        do {
            isDoneByProduct = try await product.take(step, world, clock)
        } catch let refusal as Product.Refusal {
            return Difference(kind: Difference.refusal, words: "\(step.kind): the product refuses it: \(refusal)")
        }
        if isDone != isDoneByProduct {
            return Difference(
                kind: "command", words: "carried out by the model: \(isDone), the product: \(isDoneByProduct)")
        }
        defer { coverage.count(product.engine.cacheStatistics, since: step.kind == "restart" ? nil : statistics) }
        switch step {
        case .setClock: pastLeads.append((lead, clock.monotonic))
        case .restart, .flushCache: pastLeads = []
        case .ask(let questions): return try compare(questions)
        case .check(let question): return compareCheck(question)
        case .explain(let principal, let source): return compareExplanation(principal, source)
        case .whoCanRead(let path): return try compareReaders(path)
        case .wait, .apply, .rollBack, .perform, .applyAnew, .crawl: break
        }
        return nil
    }

    // MARK: Questions

    private mutating func compare(_ questions: [ReferenceModel.Question]) throws -> Difference? {
        for (question, answer) in zip(questions, try product.ask(questions)) {
            let expected = world.answer(question, at: clock.wall)
            coverage.count(question, expected, answer, version: product.engine.snapshot.version)
            let said = ReferenceModel.Answer(
                verdict: answer.verdict.word, reason: answer.reason.word,
                dataSource: answer.dataSource.isEmpty ? nil : answer.dataSource)
            guard said == expected || acceptable(question).contains(said) else {
                return Difference(
                    kind: "answer", words: "\(question)\n  the model:   \(expected)\n  the product: \(said)")
            }
            if let fault = fault(in: answer, to: question) {
                return Difference(kind: "answer's fields", words: "\(question): \(fault)\n  \(answer)")
            }
        }
        return nil
    }

    /// The answers that were right before somebody set the wall clock, and may still be held: a step of that clock
    /// neither ends nor prolongs a decision. Of several data sources each has a decision of its own, made before or after.
    private func acceptable(_ question: ReferenceModel.Question) -> [ReferenceModel.Answer] {
        let past = pastLeads.filter { clock.monotonic - $0.until < Self.tenMinutes }
        guard !past.isEmpty else { return [] }
        let times = [clock.wall] + past.map { clock.monotonic + $0.lead }
        let sources = world.sources(over: question.path).map(\.name)
        let choices = sources.reduce([[:]] as [[Text: Int64]]) { choices, source in
            choices.flatMap { choice in times.map { choice.merging([source: $0]) { $1 } } }
        }
        return choices.map { choice in
            world.answer(question, at: clock.wall, standingAt: { choice[$0.name] ?? clock.wall })
        }
    }

    /// What is wrong with the fields of an answer that say how it came about.
    private func fault(in answer: Wire.Answer, to question: ReferenceModel.Question) -> String? {
        let version = product.engine.snapshot.version
        let needsHDFS = answer.verdict == .allow && world.settings.intersects
        if answer.nativeToo != needsHDFS { return "HDFS's own permissions must allow too: \(answer.nativeToo)" }
        if answer.policyVersion > version { return "by version \(answer.policyVersion), which is after \(version)" }
        if !answer.wasCached, answer.policyVersion != version {
            return "made anew by version \(answer.policyVersion), not by \(version)"
        }
        if answer.age >= Self.tenMinutes { return "its age is \(answer.age) ms" }
        if needsHDFS { world.notebook?.note(.readIntersected) }
        return nil
    }

    // MARK: Explanations

    private mutating func compareCheck(_ question: ReferenceModel.Question) -> Difference? {
        let (expected, said) = (world.answer(question, at: clock.wall), product.check(question))
        guard said != expected else { return nil }
        return Difference(
            kind: "check", words: "check: \(question)\n  the model:   \(expected)\n  the product: \(said)")
    }

    private func compareExplanation(_ principal: Text, _ name: Text) -> Difference? {
        guard principal.string != nil, let source = world.policies.dataSources.first(where: { $0.name == name }),
            let explained = product.explain(principal, name)
        else { return nil }
        let expected = world.answer(principal, at: source, now: clock.wall)
        let said = ReferenceModel.Answer(
            verdict: explained.verdict.word, reason: explained.reason.word, dataSource: nil)
        func difference(_ model: String, _ product: String) -> Difference {
            Difference(
                kind: "explain",
                words: "explain `\(principal)` `\(name)`\n  the model:   \(model)\n  the product: \(product)")
        }
        if said != expected { return difference("\(expected)", "\(said)") }
        guard let user = world.user(of: principal), !world.isIgnored(principal) else {
            return explained.resolution == nil ? nil : difference("no user", "a user")
        }
        let steps = world.steps(of: user, at: source, now: clock.wall)
        let all = explained.resolution?.steps ?? []
        let exceptions = all.filter { $0.question == .exception }.compactMap(\.policy).sorted()
        if exceptions.map({ Text($0) }) != source.exceptions.sorted() {
            return difference("exceptions from \(source.exceptions)", "exceptions from \(exceptions)")
        }
        let saidSteps = all.compactMap(\.line)
        return steps == saidSteps
            ? nil : difference(steps.joined(separator: "; "), saidSteps.joined(separator: "; "))
    }

    private func compareReaders(_ path: Text) throws -> Difference? {
        guard path.string != nil else { return nil }
        let expected = world.readers(of: path, at: clock.wall)?.map {
            "`\($0.user)` \($0.answer.verdict.rawValue) `\($0.answer.reason.rawValue)`"
        }
        let said = try product.readers(of: path)?.map { "`\($0.user)` \($0.verdict) `\($0.reason)`" }
        guard said != expected else { return nil }
        return Difference(
            kind: "who-can-read",
            words: "who-can-read `\(path.spelledOut)`\n  the model:   \(expected ?? [])\n  the product: \(said ?? [])")
    }
}

extension World {
    /// What is asked of a user at a data source, policy by policy, in the order of the documents.
    fileprivate func steps(
        of user: ReferenceModel.User, at source: ReferenceModel.DataSource, now: ReferenceModel.Instant
    ) -> [String] {
        findings(about: user, at: source, standingAt: now).map { finding in
            "\(finding.ask) \(finding.globalPolicy ?? "own") \(finding.holds)"
        }
            + fileRules(of: source, for: user, standingAt: now).map { rule in
                "file rule \(rule.globalPolicy ?? "own") \(rule.name) \(rule.binds ? "binds" : "does not bind")"
            }
    }
}

extension Resolution.Step {
    /// The step as the model has it; `nil` for an exception, and for rows and columns, of which it knows nothing.
    fileprivate var line: String? {
        switch question {
        case .subscription: "subscription \(policy ?? "own") \(holds == true)"
        case .project: "project own \(holds == true)"
        case .purpose: "purposes \(policy ?? "own") \(holds == true)"
        case .fileRule: "file rule \(policy ?? "own") \(name ?? "") \(holds == nil ? "binds" : "does not bind")"
        case .rowFilter, .mask, .exception: nil
        }
    }
}
