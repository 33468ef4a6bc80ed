import Policy

/// Makes policy sets that are valid and as hostile to a writer of YAML as they may be.
struct RandomPolicies {
    private var generator: SplitMix

    init(seed: UInt64) {
        generator = SplitMix(state: seed)
    }

    /// The names of the objects that others name.
    private struct Named {
        var groups: Set<String>
        var attributes: Set<String>
        var users: Set<String>
        var purposes: Set<String>
        var tags: Set<String>
    }

    mutating func policySet() -> PolicySet {
        let named = Named(groups: names(8), attributes: names(5), users: names(12), purposes: names(4), tags: names(5))
        let sources = names(10).sorted()
        let tagged = named.tags.sorted()
        return PolicySet(
            groups: named.groups.sorted().map { Group(name: $0, about: maybe { $0.prose() }) },
            attributes: named.attributes.sorted().map { AttributeDefinition(name: $0, about: maybe { $0.prose() }) },
            purposes: named.purposes.sorted().map { Purpose(name: $0, about: maybe { $0.prose() }) },
            // A tag implies later ones only, so that there is no circle.
            tags: tagged.enumerated().map { place, name in
                TagDefinition(
                    name: name, about: maybe { $0.prose() }, implies: some(Set(tagged[(place + 1)...])),
                    components: maybe { Set($0.names(2).map { "c\($0.replacing("/", with: "|"))" }) } ?? [])
            },
            users: named.users.sorted().enumerated().map { user($1, number: $0, named) },
            ignoredUsers: names(4).sorted(),
            dataSources: sources.enumerated().map { dataSource($1, number: $0, named) },
            projects: names(3).sorted().map { project($0, named, sources: Set(sources)) },
            globalPolicies: names(3).sorted().map { globalPolicy($0, named) })
    }

    private mutating func user(_ name: String, number: Int, _ named: Named) -> User {
        User(
            name: name, principal: maybe { _ in "user\(number)/host@REALM\(number)" }, groups: some(named.groups),
            attributes: values(some(named.attributes)), enabled: chance(2), suspendedUntil: maybe { $0.instant() })
    }

    private mutating func values(_ attributes: Set<String>) -> [String: Set<String>] {
        Dictionary(uniqueKeysWithValues: attributes.sorted().map { ($0, names(3)) })
    }

    private mutating func dataSource(_ name: String, number: Int, _ named: Named) -> DataSource {
        let directories = names(3).map { "/data/\(number)/\($0.replacing("/", with: "|"))" }
        let isTable = chance(2)
        let columns = isTable ? columns(named) : []
        return DataSource(
            name: name, kind: isTable ? .table : .files, directories: directories,
            credential: maybe { $0.credential() }, tags: chance(2) ? some(named.tags) : [],
            contact: maybe { $0.name() }, sharesDirectories: chance(2), subscription: subscription(named),
            purposes: some(named.purposes), fileRules: isTable ? [] : fileRules(named), columns: columns,
            format: isTable ? maybe { $0.format() } : nil,
            rowFilters: isTable ? names(2).sorted().map { rowFilter($0, named) } : [],
            masks: isTable ? names(3).sorted().map { mask($0, columns, named) } : [])
    }

    private mutating func format() -> TableFormat {
        if chance(3) { return .parquet }
        if chance(4) { return .text(separator: chance(2) ? TableFormat.hiveSeparator : "|") }
        return chance(2) ? .orc : .csv(header: chance(2), separator: chance(2) ? "," : ";")
    }

    private mutating func credential() -> DataSource.Credential {
        DataSource.Credential(principal: "etl\(name())", keytab: maybe { "/etc/\($0.name())" })
    }

    private mutating func project(_ name: String, _ named: Named, sources: Set<String>) -> Project {
        Project(
            name: name, about: maybe { $0.prose() }, dataSources: some(sources), members: roster(named),
            purposes: some(named.purposes), joinsOnHash: chance(2))
    }

    /// Of files only, so that it suits every data source.
    private mutating func globalPolicy(_ name: String, _ named: Named) -> GlobalPolicy {
        GlobalPolicy(
            name: name, about: maybe { $0.prose() }, tags: [one(of: named.tags)], allowsExceptions: chance(2),
            subscription: maybe { random in
                let subscription = random.subscription(named)
                return subscription == .anyone ? .condition(.group(random.one(of: named.groups))) : subscription
            }, purposes: some(named.purposes), fileRules: fileRules(named))
    }

    // MARK: Subscriptions

    private mutating func subscription(_ named: Named) -> Subscription {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: .anyone
        case 1: .individuals(roster(named))
        case 2:
            .approval(
                ApprovalTerms(
                    users: some(named.users), groups: [one(of: named.groups)], atMost: maybe { $0.span() }))
        default: .condition(condition(named, depth: 4))
        }
    }

    private mutating func roster(_ named: Named) -> Roster {
        func entries(_ names: Set<String>) -> [String: Instant] {
            Dictionary(
                uniqueKeysWithValues: some(names).sorted().map { ($0, chance(2) ? instant() : .never) })
        }
        return Roster(users: entries(named.users), groups: entries(named.groups))
    }

    private mutating func condition(_ named: Named, depth: Int) -> Condition {
        switch Int.random(in: 0..<(depth > 0 ? 5 : 2), using: &generator) {
        case 0: return .group(one(of: named.groups))
        case 1: return .attribute(one(of: named.attributes), value: name())
        case 2: return .not(condition(named, depth: depth - 1))
        case let combination:
            let count = Int.random(in: 1...3, using: &generator)
            let conditions = (0..<count).map { _ in condition(named, depth: depth - 1) }
            return combination == 3 ? .all(conditions) : .any(conditions)
        }
    }

    // MARK: Rules

    private mutating func fileRules(_ named: Named) -> [FileRule] {
        names(3).sorted().map { name in
            let hasAge = chance(2)
            let date: FileRule.Date? = hasAge ? (chance(2) ? .modificationTime : .component("dt")) : nil
            return FileRule(
                name: name, date: date, youngerThan: hasAge ? span() : nil,
                olderThan: hasAge && chance(2) ? span() : nil,
                withTags: [one(of: named.tags)], withoutTags: chance(2) ? [one(of: named.tags)] : [],
                except: maybe { $0.exemption(named) })
        }
    }

    private mutating func exemption(_ named: Named) -> Exemption {
        Exemption(
            users: some(named.users), groups: some(named.groups), attributes: values(some(named.attributes)),
            purposes: [one(of: named.purposes)])
    }

    private mutating func columns(_ named: Named) -> [TableColumn] {
        let types = ColumnType.words.compactMap { ColumnType($0) }
        return [
            TableColumn(name: "text", type: .string, tags: some(named.tags)), TableColumn(name: "day", type: .date),
        ]
            + (0..<3).map { number in
                TableColumn(name: "c\(number)", type: types.randomElement(using: &generator)!, tags: some(named.tags))
            }
    }

    private mutating func rowFilter(_ name: String, _ named: Named) -> RowFilter {
        RowFilter(name: name, condition: sqlCondition(), except: maybe { $0.exemption(named) })
    }

    private mutating func sqlCondition() -> String {
        let text = self.name().replacing("\\", with: "/").replacing("'", with: "''")
        let conditions = ["text = '\(text)'", "text IN @groups AND NOT day IS NULL", "`text` <> @user OR TRUE"]
        return conditions.randomElement(using: &generator) ?? ""
    }

    private mutating func mask(_ name: String, _ columns: [TableColumn], _ named: Named) -> Mask {
        let anywhere = chance(2)
        let onText: [MaskMethod] = [
            .hash, .constant(self.name()), .regex(pattern: "[a-z]+", replacement: "x"), .expression("upper(text)"),
        ]
        return Mask(
            name: name, columns: anywhere ? Set(columns.map(\.name)) : ["text"],
            tagged: anywhere ? some(named.tags) : [],
            method: anywhere ? .null : onText.randomElement(using: &generator) ?? .hash,
            condition: maybe { $0.sqlCondition() }, except: maybe { $0.exemption(named) })
    }

    // MARK: Parts

    private mutating func instant() -> Instant {
        Instant(milliseconds: .random(in: 0..<253_402_300_800_000, using: &generator))
    }

    private mutating func span() -> TimeSpan {
        let unit = TimeSpan.Unit.allCases.randomElement(using: &generator)?.rawValue ?? ""
        return TimeSpan("\(Int.random(in: 1...36_500, using: &generator))\(unit)")!
    }

    private mutating func one(of names: Set<String>) -> String {
        names.sorted().randomElement(using: &generator) ?? ""
    }

    private mutating func some(_ names: Set<String>) -> Set<String> {
        Set(names.sorted().filter { _ in chance(3) })
    }

    private mutating func maybe<Value>(_ make: (inout Self) -> Value) -> Value? {
        chance(2) ? make(&self) : nil
    }

    private mutating func chance(_ outOf: Int) -> Bool {
        Int.random(in: 0..<outOf, using: &generator) == 0
    }

    private mutating func names(_ most: Int) -> Set<String> {
        Set((0..<Int.random(in: 1...most, using: &generator)).map { _ in name() })
    }

    private static let hostile = [
        "yes", "no", "null", "~", "Null", "true", "1e3", "1.0", "0x1F", "2024-01-01", "12:30", ".nan", "-", "- a",
        "? a", ": a", "a: b", "a:", ":", "#", "a #b", " leading", "trailing ", "'", "''", "\"", "\\", "\\n", "{", "}",
        "[", "]", "{a: b}", "&a", "*a", "!a", "!!int 1", "%", "@", "`", "|", ">", ">-", "---", "...", "<<", "=", ",",
        "é", "日本語", "🙂", "b\u{FEFF}om", "a\u{A0}b", "\u{200B}", "\u{202E}rtl", "\u{FFFD}", "\u{E000}", "\u{10FFFD}",
    ]

    /// Hostile in part, and never equal to another but by design.
    private mutating func name() -> String {
        let pieces = (0...Int.random(in: 0...2, using: &generator)).map { _ in
            Self.hostile.randomElement(using: &generator) ?? ""
        }
        return pieces.joined(separator: chance(2) ? " " : "")
    }

    private mutating func prose() -> String {
        let separators = ["\n", "\n\n", " \n ", "\t", "\n\t", ""]
        let lines = (0...Int.random(in: 0...3, using: &generator)).map { _ in name() }
        return lines.joined(separator: separators.randomElement(using: &generator) ?? "") + (chance(2) ? "\n" : "")
    }
}

/// A small generator that gives the same numbers for the same seed everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
