import Policy

/// What the policies say of one user at one data source, policy by policy, in a form fit to send to the user.
package struct Resolution: Sendable, Codable, Equatable {
    /// One thing that was asked.
    package struct Step: Sendable, Codable, Equatable {
        package enum Question: String, Sendable, Codable {
            case subscription, project, purpose
            case fileRule = "file-rule"
            case exception
            case rowFilter = "row-filter"
            case mask
        }

        package var question: Question
        /// The global policy that asks; absent for the data source's own.
        package var policy: String?
        /// The name of the rule, filter, column or exception, where there is one.
        package var name: String?
        /// Absent for what is no question to the user: rows and columns, exceptions, rules of single files.
        package var holds: Bool?
        package var words: String
    }

    package var user: String
    package var dataSource: String
    package var policyVersion: UInt64
    /// The reason of rule 10 that would be given; `subscribed` if none of the questions fails.
    package var reason: String
    package var steps: [Step]
    /// SQL, and all of it has to be true for a row to be seen; absent where there is nothing to filter.
    package var rows: String?

    /// The steps that do not hold.
    package var failures: [Step] { steps.filter { $0.holds == false } }
}

extension Snapshot {
    /// What the policies say of a user at a data source, every one of them, whatever fails.
    package func resolution(user: Int, dataSource: Int, at now: Instant) -> Resolution {
        let source = dataSources[dataSource]
        let person = person(user, at: now)
        var resolution = Resolution(
            user: userName(user), dataSource: source.definition.name, policyVersion: version,
            reason: access(user: user, dataSource: dataSource, at: now).outcome.reason.word, steps: [])
        resolution.steps += exceptions(source)
        for terms in source.terms {
            guard let subscription = terms.subscription else { continue }
            let end = subscription.end(for: person, at: source.id, now: now)
            resolution.steps.append(
                Resolution.Step(
                    question: .subscription, policy: terms.name, holds: end != nil,
                    words: subscription.words(for: person, source, end: end, self)))
        }
        if let step = project(person, source) { resolution.steps.append(step) }
        for terms in source.terms where !terms.purposes.isEmpty {
            resolution.steps.append(purpose(terms, person))
        }
        for rule in source.fileRules {
            let binds = rule.except?.holds(for: person) != true
            resolution.steps.append(
                Resolution.Step(
                    question: .fileRule, policy: rule.policy, name: rule.definition.name, holds: binds ? nil : true,
                    words: binds ? rule.definition.words : "\(rule.definition.words): does not bind `\(person.name)`"))
        }
        resolution.add(dataPolicies(person, source))
        return resolution
    }

    private func exceptions(_ source: DataSource) -> [Resolution.Step] {
        let names = source.touching.map { globalPolicies.table.policies[$0].name }
        return source.definition.exceptions.filter { names.contains($0.policy) }.map { exception in
            Resolution.Step(
                question: .exception, policy: exception.policy, holds: nil,
                words: "the owner excepts the data source: \(exception.because)")
        }
    }

    private func project(_ person: Person, _ source: DataSource) -> Resolution.Step? {
        guard let project = person.project else { return nil }
        let holdsIt = project.dataSources.place(of: source.id) != nil
        let words: String
        switch (person.membershipEnd != nil, holdsIt) {
        case (true, true): words = "the project `\(project.name)` holds `\(source.definition.name)`"
        case (true, false):
            words =
                "the project `\(project.name)`, which `\(person.name)` acts under, does not hold "
                + "`\(source.definition.name)`"
        case (false, _): words = "`\(person.name)` acts under the project `\(project.name)` and is no member of it now"
        }
        return Resolution.Step(
            question: .project, name: project.name, holds: person.membershipEnd != nil && holdsIt, words: words)
    }

    private func purpose(_ terms: Terms, _ person: Person) -> Resolution.Step {
        let demanded = terms.purposes.map { "`\(vocabulary.purposes[$0])`" }.joined(separator: " or ")
        let acted = person.purposes.map { "`\(vocabulary.purposes[$0])`" }.joined(separator: " and ")
        let words = "\(demanded) is demanded; `\(person.name)` acts under \(acted.isEmpty ? "no purpose" : acted)"
        return Resolution.Step(question: .purpose, policy: terms.name, holds: terms.isMet(by: person), words: words)
    }
}

extension Resolution {
    /// Why rule 10 says what it says of a file, for `authorizer check`: all that fails, or that nothing does.
    func words(failingRules: [String], _ decision: Decision) -> String {
        let failing = failures.map(\.sentence) + (decision.reason == .policy ? failingRules : [])
        let shown = failing.isEmpty ? steps.filter { $0.question == .subscription }.map(\.sentence) : failing
        let words = shown.joined(separator: "; ")
        return decision.verdict == .deny ? "\(words): deny, `\(decision.reason.word)`" : words
    }

    fileprivate mutating func add(_ data: (steps: [Step], rows: String?)) {
        steps += data.steps
        rows = data.rows
    }
}

extension Resolution.Step {
    /// The step as one sentence, with the policy that asks.
    package var sentence: String {
        let named = name.map { "`\($0)`: " } ?? ""
        return (policy.map { "global policy `\($0)`: " } ?? "") + (question == .fileRule ? named : "") + words
    }
}

extension Access.Outcome {
    package var reason: Reason {
        switch self {
        case .subscribed: .subscribed
        case .notSubscribed: .notSubscribed
        case .outsideProject: .outsideProject
        case .purpose: .purpose
        }
    }
}

extension CompiledSubscription {
    /// What the policy asks for and whether it holds.
    fileprivate func words(
        for person: Person, _ source: Snapshot.DataSource, end: Int64?, _ snapshot: Snapshot
    ) -> String {
        let (user, name) = ("`\(person.name)`", "`\(source.definition.name)`")
        let until = end.map { $0 == Instant.never.milliseconds ? "" : " until \(Instant(milliseconds: $0))" } ?? ""
        switch self {
        case .anyone: return "anyone is subscribed to \(name)"
        case .approval:
            guard end == nil else { return "\(user) is approved for \(name)\(until)" }
            guard let old = person.approvals[source.id] else {
                return "\(user) is not approved for \(name); ask with `authorizer subscription request`"
            }
            return "the approval of \(user) for \(name) ended at \(old)"
        case .individuals(let roster):
            guard end != nil else { return "\(user) is subscribed to \(name) neither by name nor by a group" }
            if roster.end(ofUser: person.id) == end { return "\(user) is subscribed to \(name) by name\(until)" }
            let group = person.groups.first { roster.end(ofGroup: $0) == end }
            let named = group.map { "by the group `\(snapshot.vocabulary.groups[$0])`" } ?? "by a group"
            return "\(user) is subscribed to \(name) \(named)\(until)"
        case .condition(let condition):
            guard !condition.holds(for: person) else {
                return "\(user) meets the condition of \(name): \(condition.words)"
            }
            let failing = condition.failures(for: person).joined(separator: "; ")
            return "\(user) does not meet the condition of \(name): \(condition.words) (\(failing))"
        }
    }
}

extension CompiledCondition {
    /// The condition as a sentence.
    fileprivate var words: String {
        switch self {
        case .all(let parts): "(" + parts.map(\.words).joined(separator: " and ") + ")"
        case .any(let parts): "(" + parts.map(\.words).joined(separator: " or ") + ")"
        case .not(let part): "not \(part.words)"
        case .group(_, let name): "in group `\(name)`"
        case .attribute(_, let name, let value): "`\(name)` is `\(value)`"
        }
    }

    /// The parts on account of which the condition does not hold, as sentences; empty if it holds.
    fileprivate func failures(for person: Person) -> [String] {
        guard !holds(for: person) else { return [] }
        switch self {
        case .all(let parts), .any(let parts): return parts.flatMap { $0.failures(for: person) }
        case .not(let part): return ["\(part.words) holds and must not"]
        case .group, .attribute: return ["\(words) does not hold"]
        }
    }
}

extension FileRule {
    /// What the rule asks of a file, as a sentence.
    package var words: String {
        var parts: [String] = []
        let from = date.map {
            $0 == .modificationTime ? "its time of modification" : "its path component `\($0.word)=`"
        }
        if let youngerThan { parts.append("younger than \(youngerThan) by \(from ?? "")") }
        if let olderThan { parts.append("at least \(olderThan) old by \(from ?? "")") }
        func list(_ tags: Set<String>) -> String { tags.sorted().map { "`\($0)`" }.joined(separator: ", ") }
        if !withTags.isEmpty { parts.append("tagged with one of \(list(withTags))") }
        if !withoutTags.isEmpty { parts.append("tagged with none of \(list(withoutTags))") }
        return "a file has to be " + parts.joined(separator: " and ")
    }
}
