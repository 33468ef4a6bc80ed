import Policy

/// A user, taken apart for deciding.
struct UserEntry: Sendable, Equatable {
    /// Of the store; never given to another user.
    var id: UInt32
    /// The policy version at which this user last changed.
    var changedAt: UInt64
    var isEnabled: Bool
    /// Milliseconds; 0 if the user is not suspended.
    var suspendedUntil: Int64
    var name: [UInt8]
    /// The forms in which callers are compared. None if the user has no principal, or one that stands for nobody.
    var principalKey: [UInt8]?
    var shortNameKey: [UInt8]?
    /// Of the vocabulary, ascending.
    var groups: [UInt32]
    /// Of the vocabulary, ascending.
    var attributes: [UInt32]
}

/// Some users side by side in few pieces of memory. Immutable: a change of one makes a new page of all.
final class UserPage: Sendable {
    /// How many users a page has room for.
    static let size = 64

    private struct Record: BitwiseCopyable, Sendable {
        var changedAt: UInt64
        var suspendedUntil: Int64
        var id: UInt32
        var textStart: UInt32
        var numberStart: UInt32
        var groupCount: UInt32
        var attributeCount: UInt32
        var nameCount: UInt16
        var principalCount: UInt16
        var shortNameCount: UInt16
        var isEnabled: Bool
        /// Whether the short name is a text of its own, and not the user's name once more.
        var flags: UInt8
    }

    private enum Flag {
        static let live: UInt8 = 1
        static let principal: UInt8 = 2
        static let shortName: UInt8 = 4
        static let shortNameIsName: UInt8 = 8
    }

    private let records: [Record]
    private let texts: [UInt8]
    private let numbers: [UInt32]

    /// - Parameter entries: at most ``size``; `nil` for a place that nobody has.
    init(_ entries: [UserEntry?]) {
        var records: [Record] = []
        var texts: [UInt8] = []
        var numbers: [UInt32] = []
        records.reserveCapacity(entries.count)
        for entry in entries {
            guard let entry else {
                records.append(
                    Record(
                        changedAt: 0, suspendedUntil: 0, id: .max, textStart: 0, numberStart: 0, groupCount: 0,
                        attributeCount: 0, nameCount: 0, principalCount: 0, shortNameCount: 0, isEnabled: false,
                        flags: 0))
                continue
            }
            let repeatsName = entry.shortNameKey == entry.name
            let shortName = repeatsName ? [] : entry.shortNameKey ?? []
            let principal = entry.principalKey ?? []
            records.append(
                Record(
                    changedAt: entry.changedAt, suspendedUntil: entry.suspendedUntil, id: entry.id,
                    textStart: UInt32(texts.count), numberStart: UInt32(numbers.count),
                    groupCount: UInt32(entry.groups.count), attributeCount: UInt32(entry.attributes.count),
                    nameCount: UInt16(entry.name.count), principalCount: UInt16(principal.count),
                    shortNameCount: UInt16(shortName.count), isEnabled: entry.isEnabled,
                    flags: Flag.live | (entry.principalKey == nil ? 0 : Flag.principal)
                        | (entry.shortNameKey == nil ? 0 : Flag.shortName)
                        | (repeatsName ? Flag.shortNameIsName : 0)))
            texts += entry.name + principal + shortName
            numbers += entry.groups + entry.attributes
        }
        self.records = records
        self.texts = Array(texts[...])
        self.numbers = Array(numbers[...])
    }

    var count: Int { records.count }

    func isLive(_ slot: Int) -> Bool { records[slot].flags & Flag.live != 0 }

    func facts(_ slot: Int) -> Snapshot.UserFacts {
        let record = records[slot]
        return Snapshot.UserFacts(
            id: record.id, isEnabled: record.isEnabled, suspendedUntil: record.suspendedUntil,
            changedAt: record.changedAt)
    }

    func name(_ slot: Int) -> ArraySlice<UInt8> {
        let record = records[slot]
        let start = Int(record.textStart)
        return texts[start..<start + Int(record.nameCount)]
    }

    /// What a caller is compared with; `nil` if there is nothing.
    func text(_ field: NameIndex.Field, _ slot: Int) -> ArraySlice<UInt8>? {
        let record = records[slot]
        guard record.flags & Flag.live != 0 else { return nil }
        let afterName = Int(record.textStart) + Int(record.nameCount)
        switch field {
        case .name: return name(slot)
        case .principal:
            guard record.flags & Flag.principal != 0 else { return nil }
            return texts[afterName..<afterName + Int(record.principalCount)]
        case .shortName:
            guard record.flags & Flag.shortName != 0 else { return nil }
            if record.flags & Flag.shortNameIsName != 0 { return name(slot) }
            let start = afterName + Int(record.principalCount)
            return texts[start..<start + Int(record.shortNameCount)]
        }
    }

    func groups(_ slot: Int) -> ArraySlice<UInt32> {
        let start = Int(records[slot].numberStart)
        return numbers[start..<start + Int(records[slot].groupCount)]
    }

    func attributes(_ slot: Int) -> ArraySlice<UInt32> {
        let start = Int(records[slot].numberStart) + Int(records[slot].groupCount)
        return numbers[start..<start + Int(records[slot].attributeCount)]
    }

    func entry(_ slot: Int) -> UserEntry? {
        guard isLive(slot) else { return nil }
        let record = records[slot]
        return UserEntry(
            id: record.id, changedAt: record.changedAt, isEnabled: record.isEnabled,
            suspendedUntil: record.suspendedUntil, name: Array(name(slot)),
            principalKey: text(.principal, slot).map(Array.init), shortNameKey: text(.shortName, slot).map(Array.init),
            groups: Array(groups(slot)), attributes: Array(attributes(slot)))
    }
}

/// All users of a snapshot. A user keeps their place as long as they exist; copies share what they have in common.
struct UserTable: Sendable {
    private(set) var pages: [UserPage] = []
    /// How many users there are.
    private(set) var count = 0
    private var freePlaces: [Int] = []
    private var byName = NameIndex(.name)
    private var byPrincipal = NameIndex(.principal)
    private var byShortName = NameIndex(.shortName)

    init() {}

    /// Makes a table of many users, who are given places from 0 on.
    struct Builder {
        private var pages: [UserPage] = []
        private var waiting: [UserEntry?] = []

        mutating func append(_ entry: UserEntry) {
            waiting.append(entry)
            guard waiting.count == UserPage.size else { return }
            pages.append(UserPage(waiting))
            waiting.removeAll(keepingCapacity: true)
        }

        func table() -> UserTable {
            var table = UserTable()
            table.pages = waiting.isEmpty ? pages : pages + [UserPage(waiting)]
            table.count = pages.count * UserPage.size + waiting.count
            table.byName.reserve(table.count)
            table.byPrincipal.reserve(table.count)
            table.byShortName.reserve(table.count)
            for index in 0..<table.count { table.insertNames(of: index) }
            return table
        }
    }

    /// The places that may hold somebody.
    var indices: Range<Int> { 0..<(pages.count - 1) * UserPage.size + (pages.last?.count ?? UserPage.size) }

    func isLive(_ index: Int) -> Bool { page(index).isLive(index % UserPage.size) }
    func facts(_ index: Int) -> Snapshot.UserFacts { page(index).facts(index % UserPage.size) }
    func name(_ index: Int) -> ArraySlice<UInt8> { page(index).name(index % UserPage.size) }
    func groups(_ index: Int) -> ArraySlice<UInt32> { page(index).groups(index % UserPage.size) }
    func attributes(_ index: Int) -> ArraySlice<UInt32> { page(index).attributes(index % UserPage.size) }

    private func page(_ index: Int) -> UserPage { pages[index / UserPage.size] }

    /// The user with this name.
    func index(named name: String) -> Int? {
        if case .user(let index) = byName.match(Array(name.utf8), in: pages) { index } else { nil }
    }

    func match(principalKey: String) -> Snapshot.Match { byPrincipal.match(Array(principalKey.utf8), in: pages) }
    func match(shortNameKey: String) -> Snapshot.Match { byShortName.match(Array(shortNameKey.utf8), in: pages) }

    /// The names of those who claim one of the two.
    func names(claiming field: NameIndex.Field, _ key: String) -> [String] {
        let index = field == .principal ? byPrincipal : byShortName
        return index.all(Array(key.utf8), in: pages).map { String(decoding: name($0), as: UTF8.self) }
    }

    /// Puts a user in the place of the one of this name, or in a new place.
    mutating func put(_ entry: UserEntry) {
        let index = index(named: String(decoding: entry.name, as: UTF8.self))
        if let index {
            removeNames(of: index)
            set(entry, at: index)
            insertNames(of: index)
            return
        }
        count += 1
        let place = freePlaces.popLast() ?? (pages.isEmpty ? 0 : indices.upperBound)
        set(entry, at: place)
        insertNames(of: place)
    }

    mutating func remove(named name: String) {
        guard let index = index(named: name) else { return }
        removeNames(of: index)
        set(nil, at: index)
        freePlaces.append(index)
        count -= 1
    }

    /// Marks a user as changed at a version.
    mutating func touch(_ index: Int, at version: UInt64) {
        guard var entry = page(index).entry(index % UserPage.size) else { return }
        entry.changedAt = version
        set(entry, at: index)
    }

    private mutating func set(_ entry: UserEntry?, at index: Int) {
        let (number, slot) = (index / UserPage.size, index % UserPage.size)
        guard number < pages.count else {
            pages.append(UserPage([entry]))
            return
        }
        var entries = (0..<pages[number].count).map { pages[number].entry($0) }
        if slot == entries.count { entries.append(entry) } else { entries[slot] = entry }
        pages[number] = UserPage(entries)
    }

    private mutating func insertNames(of index: Int) {
        byName.insert(index, in: pages)
        byPrincipal.insert(index, in: pages)
        byShortName.insert(index, in: pages)
    }

    private mutating func removeNames(of index: Int) {
        byName.remove(index, in: pages)
        byPrincipal.remove(index, in: pages)
        byShortName.remove(index, in: pages)
    }
}
