import Catalogue
import Policy

/// A file rule that applies to a data source, made ready to look at paths without allocating.
struct CompiledFileRule: Sendable {
    private static let millisecondsPerDay: Int64 = 86_400_000

    /// The time that the rule goes by.
    private enum Age: Sendable {
        case none
        case modificationTime
        /// The bytes of `WORD=`.
        case component([UInt8])
    }

    let definition: FileRule
    /// The global policy that the rule is of; `nil` for the data source's own.
    let policy: String?
    let except: CompiledExemption?
    private let age: Age
    /// Whether the data source's own tags settle what `with-tags` and `without-tags` ask.
    private let hasWithTag: Bool
    private let hasWithoutTag: Bool
    /// Path components that give a file one of the tags.
    private let withComponents: [[UInt8]]
    private let withoutComponents: [[UInt8]]

    /// - Parameter tags: of the data source, with all that they imply.
    init(
        _ rule: FileRule, policy: String?, tags: Set<String>, _ definitions: TagTable, _ vocabulary: inout Vocabulary
    ) {
        definition = rule
        self.policy = policy
        except = rule.except.map { CompiledExemption($0, &vocabulary) }
        age =
            switch rule.date {
            case nil: .none
            case .modificationTime: .modificationTime
            case .component(let word): .component(Array("\(word)=".utf8))
            }
        hasWithTag = !tags.isDisjoint(with: rule.withTags)
        hasWithoutTag = !tags.isDisjoint(with: rule.withoutTags)
        withComponents = definitions.components(giving: rule.withTags)
        withoutComponents = definitions.components(giving: rule.withoutTags)
    }

    /// As messages call it.
    var words: String { policy.map { "`\(definition.name)` of the global policy `\($0)`" } ?? "`\(definition.name)`" }

    /// Whether the rule holds for a file.
    ///
    /// - Parameter path: canonical.
    func holds(
        for path: borrowing Span<UInt8>, of dataSource: UInt32, at now: Instant, _ catalogue: CatalogueView
    ) -> Bool {
        guard tagsHold(for: path) else { return false }
        switch age {
        case .none: return true
        case .modificationTime:
            guard let second = catalogue.modificationTime(dataSource: dataSource, path: path) else { return false }
            return holds(from: second, to: second + 999, now)
        case .component(let prefix): return componentsHold(path, prefix, now)
        }
    }

    /// - Parameters:
    ///   - first: from when on `younger-than` counts.
    ///   - last: from when on `older-than` counts.
    private func holds(from first: Int64, to last: Int64, _ now: Instant) -> Bool {
        if let span = definition.youngerThan, now.milliseconds - first >= span.milliseconds { return false }
        if let span = definition.olderThan, now.milliseconds - last < span.milliseconds { return false }
        return true
    }

    private func componentsHold(_ path: borrowing Span<UInt8>, _ prefix: [UInt8], _ now: Instant) -> Bool {
        var isThere = false
        var start = 1
        while start < path.count {
            let end = Self.end(of: start, in: path)
            if Self.begins(path, start..<end, with: prefix) {
                isThere = true
                guard let day = Self.day(path, start + prefix.count..<end) else { return false }
                let first = Int64(day) * Self.millisecondsPerDay
                guard holds(from: first, to: first + Self.millisecondsPerDay, now) else { return false }
            }
            start = end + 1
        }
        return isThere
    }

    private func tagsHold(for path: borrowing Span<UInt8>) -> Bool {
        if !definition.withTags.isEmpty, !hasWithTag, !Self.has(path, withComponents) { return false }
        guard !definition.withoutTags.isEmpty else { return true }
        return !hasWithoutTag && !Self.has(path, withoutComponents)
    }

    private static func has(_ path: borrowing Span<UInt8>, _ components: [[UInt8]]) -> Bool {
        guard !components.isEmpty else { return false }
        var start = 1
        while start < path.count {
            let end = end(of: start, in: path)
            for component in components
            where component.count == end - start && begins(path, start..<end, with: component) { return true }
            start = end + 1
        }
        return false
    }

    private static func end(of start: Int, in path: borrowing Span<UInt8>) -> Int {
        var end = start
        while end < path.count, path[end] != CanonicalPath.slash { end += 1 }
        return end
    }

    private static func begins(_ path: borrowing Span<UInt8>, _ range: Range<Int>, with prefix: [UInt8]) -> Bool {
        guard range.count >= prefix.count else { return false }
        for offset in prefix.indices where path[range.lowerBound + offset] != prefix[offset] { return false }
        return true
    }

    /// The day that `2026-11-21` or `20261121` names, in days since 1970-01-01.
    private static func day(_ path: borrowing Span<UInt8>, _ range: Range<Int>) -> Int? {
        let start = range.lowerBound
        switch range.count {
        case 8:
            guard let year = number(path, start, 4), let month = number(path, start + 4, 2),
                let day = number(path, start + 6, 2)
            else { return nil }
            return CivilDay.number(year: year, month: month, day: day)
        case 10:
            let hyphen = UInt8(ascii: "-")
            guard path[start + 4] == hyphen, path[start + 7] == hyphen, let year = number(path, start, 4),
                let month = number(path, start + 5, 2), let day = number(path, start + 8, 2)
            else { return nil }
            return CivilDay.number(year: year, month: month, day: day)
        default: return nil
        }
    }

    private static func number(_ path: borrowing Span<UInt8>, _ start: Int, _ count: Int) -> Int? {
        var value = 0
        for index in start..<start + count {
            let digit = path[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }
}

/// The tags of a snapshot.
struct TagTable: Sendable {
    let definitions: [String: TagDefinition]
    let closure: TagClosure

    init(_ tags: some Sequence<TagDefinition>) {
        definitions = Dictionary(tags.map { ($0.name, $0) }) { _, last in last }
        closure = TagClosure(definitions.values)
    }

    /// The components of a path that give a file one of these tags, at once or by what is implied.
    fileprivate func components(giving wanted: Set<String>) -> [[UInt8]] {
        guard !wanted.isEmpty else { return [] }
        let giving = definitions.values.filter {
            !$0.components.isEmpty && !closure([$0.name]).isDisjoint(with: wanted)
        }
        return Set(giving.flatMap(\.components).map { Array($0.utf8) }).sorted { $0.lexicographicallyPrecedes($1) }
    }
}
