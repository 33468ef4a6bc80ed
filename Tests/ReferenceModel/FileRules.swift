/// A file rule that applies to a data source, and whether it binds a user.
package struct BindingRule: Equatable, Sendable {
    /// `nil` for the data source's own.
    package var globalPolicy: Text?
    package var name: Text
    package var binds: Bool

    package init(of globalPolicy: Text?, _ name: Text, binds: Bool) {
        (self.globalPolicy, self.name, self.binds) = (globalPolicy, name, binds)
    }
}

extension World {
    /// The last question of rule 10: each rule of each policy that applies, unless its `except` names the user.
    func fileRulesHold(
        for path: [Text], of source: DataSource, _ user: User, standingAt: Instant, now: Instant
    ) -> Bool {
        let purposes = purposesOfActing(user, at: standingAt)
        return policiesThatApply(to: source).allSatisfy { policy in
            policy.fileRules.allSatisfy { rule in
                if excepts(rule.except, user, actingUnder: purposes) { return true }
                let holds = holds(rule, for: path, of: source, at: now)
                note(
                    policy.globalPolicy == nil
                        ? (holds ? .ownRuleHolds : .ownRuleFails) : holds ? .globalRuleHolds : .globalRuleFails)
                return holds
            }
        }
    }

    /// The file rules of a data source, those of global policies included, in their order.
    package func fileRules(of source: DataSource, for user: User, standingAt: Instant) -> [BindingRule] {
        guard source.kind == .files else { return [] }
        let purposes = purposesOfActing(user, at: standingAt)
        return policiesThatApply(to: source).flatMap { policy in
            policy.fileRules.map { rule in
                BindingRule(
                    of: policy.globalPolicy, rule.name, binds: !excepts(rule.except, user, actingUnder: purposes))
            }
        }
    }

    /// A user who is named, is in one of the groups, carries one of the attributes with one of the values, or acts
    /// under one of the purposes.
    private func excepts(_ except: Except?, _ user: User, actingUnder purposes: [Text]) -> Bool {
        guard let except else { return false }
        if except.users.contains(user.name) {
            note(.exceptedUser)
            return true
        }
        if except.groups.contains(where: { user.groups.contains($0) }) {
            note(.exceptedGroup)
            return true
        }
        for (name, values) in except.attributes
        where values.contains(where: { user.attributes[name, default: []].contains($0) }) {
            note(.exceptedAttribute)
            return true
        }
        let isByPurpose = except.purposes.contains { purposes.contains($0) }
        note(isByPurpose ? .exceptedPurpose : .notExcepted)
        return isByPurpose
    }

    /// Whether a file rule holds for a file: all that it says has to.
    private func holds(_ rule: FileRule, for path: [Text], of source: DataSource, at now: Instant) -> Bool {
        if let date = rule.date, !holds(rule, date, for: path, of: source, at: now) { return false }
        if !rule.withTags.isEmpty {
            let holds = has(rule.withTags, path, of: source)
            note(holds ? .withTagHolds : .withTagFails)
            if !holds { return false }
        }
        if !rule.withoutTags.isEmpty {
            let holds = !has(rule.withoutTags, path, of: source)
            note(holds ? .withoutTagHolds : .withoutTagFails)
            if !holds { return false }
        }
        return true
    }

    /// Whether a file has one of the tags: those of its data source, those whose components its path has, and all that
    /// these imply.
    private func has(_ wanted: [Text], _ path: [Text], of source: DataSource) -> Bool {
        let byComponent = policies.tags.filter { tag in tag.components.contains { path.contains($0) } }.map(\.name)
        guard withImplied(source.tags + byComponent).contains(where: { wanted.contains($0) }) else { return false }
        let isOwn = source.tags.contains { wanted.contains($0) }
        let isOfComponent = byComponent.contains { wanted.contains($0) }
        note(isOwn ? .tagOfDataSource : isOfComponent ? .tagByComponent : .tagImplied)
        return true
    }

    private func holds(
        _ rule: FileRule, _ date: FileRule.Date, for path: [Text], of source: DataSource, at now: Instant
    ) -> Bool {
        guard case .component(let word) = date else {
            // For a file that the catalogue does not hold the rule does not hold.
            guard let time = crawls[source.name]?.files[pathText(path)]?.changed else {
                note(.modificationUnknown)
                return false
            }
            // The catalogue has whole seconds: within that one neither kind of rule holds.
            let second = time / 1_000 * 1_000
            if let span = rule.youngerThan {
                let holds = now - second < span * 1_000
                note(holds ? .modificationYoung : .modificationTooOld)
                if !holds { return false }
            }
            guard let span = rule.olderThan else { return true }
            let holds = now - (second + 999) >= span * 1_000
            note(holds ? .modificationOld : .modificationTooYoung)
            return holds
        }
        // The word before the first `=`, compared exactly.
        let prefix = word.bytes + [UInt8(ascii: "=")]
        let values = path.filter { $0.bytes.starts(with: prefix) }.map { Text($0.bytes.dropFirst(prefix.count)) }
        // Where no component has the word, the rule does not hold; where several have it, each has to hold.
        if values.isEmpty { note(.componentMissing) }
        if values.count > 1 { note(.componentTwice) }
        return !values.isEmpty && values.allSatisfy { holds(rule, on: $0, at: now) }
    }

    /// For `younger-than` the age of a day is counted from its beginning, for `older-than` from its end.
    private func holds(_ rule: FileRule, on date: Text, at now: Instant) -> Bool {
        guard let day = day(date) else {
            note(.componentNoDate)
            return false
        }
        if let span = rule.youngerThan {
            let holds = now - day * millisecondsPerDay < span * 1_000
            note(holds ? .componentYoung : .componentTooOld)
            if !holds { return false }
        }
        guard let span = rule.olderThan else { return true }
        let holds = now - (day + 1) * millisecondsPerDay >= span * 1_000
        note(holds ? .componentOld : .componentTooYoung)
        return holds
    }
}

let millisecondsPerDay: Int64 = 86_400_000

/// `2026-11-21` or `20261121` as days since 1970-01-01; `nil` if there is no such day.
func day(_ text: Text) -> Int64? {
    var bytes = text.bytes
    if bytes.count == 10 {
        guard bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
        bytes = Array(bytes[0..<4] + bytes[5..<7] + bytes[8..<10])
    }
    guard bytes.count == 8, bytes.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
        return nil
    }
    func number(_ range: Range<Int>) -> Int64 { bytes[range].reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) } }
    let (year, month, day) = (number(0..<4), number(4..<6), number(6..<8))
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let months: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard year >= 1, (1...12).contains(month), (1...months[Int(month) - 1]).contains(day) else { return nil }
    // Of the whole years since 0001-01-01, one in four has a day more, but not one in a hundred, but one in 400.
    let years = year - 1
    let daysBeforeYear = years * 365 + years / 4 - years / 100 + years / 400
    let daysBeforeMonth = months[..<(Int(month) - 1)].reduce(0, +)
    let daysBefore1970: Int64 = 719_162
    return daysBeforeYear + daysBeforeMonth + day - 1 - daysBefore1970
}
