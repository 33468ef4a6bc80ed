import ReferenceModel

extension Policies {
    /// The policies as a file that `authorizer policy apply` takes.
    package var yaml: String {
        var lines: [String] = []
        func section(_ name: String, _ objects: [Fields]) {
            guard !objects.isEmpty else { return }
            lines.append("\(name):")
            lines += objects.map { "  - \($0.flow)" }
        }
        section("groups", groups.map { Fields(name: $0) })
        section("attributes", attributes.map { Fields(name: $0) })
        section("purposes", purposes.map(\.fields))
        section("tags", tags.map(\.fields))
        section("users", users.map(\.fields))
        if !ignoredUsers.isEmpty { lines.append("ignored-users: \(list(ignoredUsers))") }
        section("data-sources", dataSources.map(\.fields))
        section("projects", projects.map(\.fields))
        section("global-policies", globalPolicies.map(\.fields))
        return lines.map { $0 + "\n" }.joined()
    }
}

/// A mapping in flow style, without what is left out.
private struct Fields {
    private var fields: [String] = []

    init() {}

    init(name: Text) { self["name"] = word(name) }

    subscript(name: String) -> String? {
        get { nil }
        set { if let newValue { fields.append("\(name): \(newValue)") } }
    }

    /// A list, unless it is empty.
    mutating func put(_ name: String, _ texts: [Text]) {
        if !texts.isEmpty { self[name] = list(texts) }
    }

    mutating func put(_ name: String, _ values: [Text: [Text]]) {
        guard !values.isEmpty else { return }
        var mapping = Fields()
        for (name, texts) in values.sorted(by: { $0.key < $1.key }) {
            mapping[word(name)] = texts.count == 1 ? word(texts[0]) : list(texts)
        }
        self[name] = mapping.flow
    }

    mutating func put(_ rules: [FileRule]) {
        if !rules.isEmpty { self["file-rules"] = bracketed(rules.map(\.fields.flow)) }
    }

    mutating func put(_ entries: Entries) {
        if !entries.users.isEmpty { self["users"] = bracketed(entries.users.map(\.flow)) }
        if !entries.groups.isEmpty { self["groups"] = bracketed(entries.groups.map(\.flow)) }
    }

    var flow: String { "{\(fields.joined(separator: ", "))}" }
}

private func bracketed(_ items: [String]) -> String { "[\(items.joined(separator: ", "))]" }

private func list(_ texts: [Text]) -> String { bracketed(texts.map(word)) }

/// In quotes, unless it needs none.
private func word(_ text: Text) -> String {
    let plain = text.description
    let isPlain = plain.utf8.allSatisfy { sign in
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= sign || UInt8(ascii: "0")...UInt8(ascii: "9") ~= sign
    }
    return isPlain && !plain.isEmpty ? plain : "\"\(plain)\""
}

private func duration(_ span: TimeSpan) -> String {
    for (unit, seconds) in [("d", 86_400), ("h", 3_600), ("m", 60)] as [(String, TimeSpan)] where span % seconds == 0 {
        return "\(span / seconds)\(unit)"
    }
    return "\(span)s"
}

/// An instant as RFC 3339 has it. Half of them are written in another time zone, by their value.
package func rfc3339(_ instant: Instant) -> String {
    rfc3339(instant, isElsewhere: (instant / 43_200_000) % 2 == 0)
}

/// The day in UTC.
func isoDay(_ instant: Instant) -> String { String(rfc3339(instant, isElsewhere: false).prefix(10)) }

private func rfc3339(_ instant: Instant, isElsewhere: Bool) -> String {
    let local = instant + (isElsewhere ? 5_400_000 : 0)
    let (days, milliseconds) = local.quotientAndRemainder(dividingBy: 86_400_000)
    var (year, day): (Instant, Instant) = (1970, days)
    func isLeap(_ year: Instant) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
    while day >= (isLeap(year) ? 366 : 365) {
        day -= isLeap(year) ? 366 : 365
        year += 1
    }
    var month = 0
    let months: [Instant] = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    while day >= months[month] {
        day -= months[month]
        month += 1
    }
    func digits(_ number: Instant, _ count: Int = 2) -> String {
        String(repeating: "0", count: count - String(number).count) + String(number)
    }
    let seconds = milliseconds / 1_000
    let fraction = milliseconds % 1_000 == 0 ? "" : ".\(digits(milliseconds % 1_000, 3))"
    let time = "\(digits(seconds / 3_600)):\(digits(seconds / 60 % 60)):\(digits(seconds % 60))\(fraction)"
    return "\(digits(year, 4))-\(digits(Instant(month + 1)))-\(digits(day + 1))T\(time)\(isElsewhere ? "+01:30" : "Z")"
}

extension Purpose {
    fileprivate var fields: Fields {
        var fields = Fields(name: name)
        if !about.bytes.isEmpty { fields["about"] = word(about) }
        return fields
    }
}

extension Tag {
    fileprivate var fields: Fields {
        var fields = Fields(name: name)
        fields.put("implies", implies)
        fields.put("components", components)
        return fields
    }
}

extension User {
    fileprivate var fields: Fields {
        var fields = Fields(name: name)
        fields["principal"] = principal.map(word)
        fields.put("groups", groups)
        fields.put("attributes", attributes)
        if !enabled { fields["enabled"] = "false" }
        fields["suspended-until"] = suspendedUntil.map(rfc3339)
        return fields
    }
}

extension DataSource {
    fileprivate var fields: Fields {
        var fields = Fields(name: name)
        fields["kind"] = kind == .files ? "files" : "table"
        fields.put("directories", directories)
        fields["credential"] = credential.map { "{principal: \(word($0))}" }
        fields.put("tags", tags)
        if sharesDirectories { fields["shares-directories"] = "true" }
        fields["subscription"] = subscription.flow
        fields.put("purposes", purposes)
        if !exceptions.isEmpty {
            fields["exceptions"] = bracketed(exceptions.map { "{policy: \(word($0)), because: agreed}" })
        }
        fields.put(fileRules)
        return fields
    }
}

extension Subscription {
    fileprivate var flow: String {
        var fields = Fields()
        switch self {
        case .anyone:
            return "anyone"
        case .approval(let approvers, let atMost):
            var who = Fields()
            who.put("users", approvers.users)
            who.put("groups", approvers.groups)
            var approval = Fields()
            approval["approvers"] = who.flow
            approval["at-most"] = atMost.map(duration)
            fields["approval"] = approval.flow
        case .condition(let condition):
            fields["condition"] = condition.flow
        case .named(let entries):
            fields.put(entries)
            if entries == Entries() { fields["users"] = "[]" }
        }
        return fields.flow
    }
}

extension Entry {
    fileprivate var flow: String {
        guard let until else { return word(name) }
        return "{name: \(word(name)), until: \(rfc3339(until))}"
    }
}

extension Condition {
    fileprivate var flow: String {
        switch self {
        case .group(let name): "{group: \(word(name))}"
        case .attribute(let name, let value): "{attribute: {\(word(name)): \(word(value))}}"
        case .all(let parts): "{all: \(bracketed(parts.map(\.flow)))}"
        case .any(let parts): "{any: \(bracketed(parts.map(\.flow)))}"
        case .not(let part): "{not: \(part.flow)}"
        }
    }
}

extension Project {
    fileprivate var fields: Fields {
        var fields = Fields(name: name)
        fields.put("data-sources", dataSources)
        var people = Fields()
        people.put(members)
        if members != Entries() { fields["members"] = people.flow }
        fields.put("purposes", purposes)
        return fields
    }
}

extension GlobalPolicy {
    fileprivate var fields: Fields {
        var fields = Fields(name: name)
        fields.put("tags", tags)
        if allowsExceptions { fields["allows-exceptions"] = "true" }
        fields["subscription"] = subscription?.flow
        fields.put("purposes", purposes)
        fields.put(fileRules)
        return fields
    }
}

extension FileRule {
    fileprivate var fields: Fields {
        var fields = Fields(name: name)
        switch date {
        case .component(let word)?: fields["date"] = "\(word)"
        case .modificationTime?: fields["date"] = "modification-time"
        case nil: break
        }
        fields["younger-than"] = youngerThan.map(duration)
        fields["older-than"] = olderThan.map(duration)
        fields.put("with-tags", withTags)
        fields.put("without-tags", withoutTags)
        if let except {
            var who = Fields()
            who.put("users", except.users)
            who.put("groups", except.groups)
            who.put("attributes", except.attributes)
            who.put("purposes", except.purposes)
            fields["except"] = who.flow
        }
        return fields
    }
}
