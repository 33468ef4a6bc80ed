import ReferenceModel

extension Array {
    /// The list without each of its items, one at a time.
    fileprivate var withoutOne: [[Element]] {
        indices.map { place in
            var less = self
            less.remove(at: place)
            return less
        }
    }
}

/// The values that differ from `value` in one field only, for which there are simpler values.
private func simpler<Value, Field>(
    _ value: Value, _ field: WritableKeyPath<Value, Field>, _ choices: (Field) -> [Field]
) -> [Value] {
    choices(value[keyPath: field]).map { choice in
        var changed = value
        changed[keyPath: field] = choice
        return changed
    }
}

/// A list with one item less, and then with one item made simpler.
private func simplerItems<Item>(_ items: [Item], _ choices: (Item) -> [Item] = { _ in [] }) -> [[Item]] {
    items.withoutOne
        + items.indices.flatMap { place in
            choices(items[place]).map { choice in
                var changed = items
                changed[place] = choice
                return changed
            }
        }
}

private func none<Field>(_ field: Field?) -> [Field?] { field == nil ? [] : [nil] }

extension Policies {
    var simpler: [Policies] {
        let this = self
        var all: [Policies] = []
        all += RandomWorlds.simpler(this, \.dataSources) { simplerItems($0, \.simpler) }
        all += RandomWorlds.simpler(this, \.globalPolicies) { simplerItems($0, \.simpler) }
        all += RandomWorlds.simpler(this, \.projects) { simplerItems($0, \.simpler) }
        all += RandomWorlds.simpler(this, \.users) { simplerItems($0, \.simpler) }
        all += RandomWorlds.simpler(this, \.tags) { simplerItems($0, \.simpler) }
        all += RandomWorlds.simpler(this, \.ignoredUsers) { $0.withoutOne }
        all += RandomWorlds.simpler(this, \.groups) { $0.withoutOne }
        all += RandomWorlds.simpler(this, \.attributes) { $0.withoutOne }
        all += RandomWorlds.simpler(this, \.purposes) { items in
            simplerItems(items) { $0.about.bytes.isEmpty ? [] : [Purpose($0.name)] }
        }
        return all
    }
}

extension DataSource {
    fileprivate var simpler: [DataSource] {
        var all: [DataSource] = []
        all += RandomWorlds.simpler(self, \.fileRules) { simplerItems($0, \.simpler) }
        all += RandomWorlds.simpler(self, \.subscription, \.simpler)
        all += RandomWorlds.simpler(self, \.tags, \.withoutOne)
        all += RandomWorlds.simpler(self, \.exceptions, \.withoutOne)
        all += RandomWorlds.simpler(self, \.purposes, \.withoutOne)
        all += RandomWorlds.simpler(self, \.directories, \.withoutOne)
        all += RandomWorlds.simpler(self, \.credential, none)
        all += RandomWorlds.simpler(self, \.sharesDirectories) { $0 ? [false] : [] }
        all += RandomWorlds.simpler(self, \.kind) { $0 == .table ? [.files] : [] }
        return all
    }
}

extension GlobalPolicy {
    fileprivate var simpler: [GlobalPolicy] {
        var all: [GlobalPolicy] = []
        all += RandomWorlds.simpler(self, \.subscription) { subscription in
            // A global policy asks for something, or says nothing.
            subscription.map { [nil] + $0.simpler.filter { $0 != .anyone } } ?? []
        }
        all += RandomWorlds.simpler(self, \.fileRules) { simplerItems($0, \.simpler) }
        all += RandomWorlds.simpler(self, \.purposes, \.withoutOne)
        all += RandomWorlds.simpler(self, \.tags, \.withoutOne)
        all += RandomWorlds.simpler(self, \.allowsExceptions) { $0 ? [false] : [] }
        return all
    }
}

extension Project {
    fileprivate var simpler: [Project] {
        RandomWorlds.simpler(self, \.dataSources, \.withoutOne)
            + RandomWorlds.simpler(self, \.members, \.simpler)
            + RandomWorlds.simpler(self, \.purposes, \.withoutOne)
    }
}

extension User {
    fileprivate var simpler: [User] {
        var all: [User] = []
        all += RandomWorlds.simpler(self, \.groups, \.withoutOne)
        all += RandomWorlds.simpler(self, \.attributes) { attributes in
            attributes.keys.sorted().map { key in attributes.filter { $0.key != key } }
        }
        all += RandomWorlds.simpler(self, \.principal, none)
        all += RandomWorlds.simpler(self, \.suspendedUntil, none)
        all += RandomWorlds.simpler(self, \.enabled) { $0 ? [] : [true] }
        return all
    }
}

extension Tag {
    fileprivate var simpler: [Tag] {
        RandomWorlds.simpler(self, \.implies, \.withoutOne) + RandomWorlds.simpler(self, \.components, \.withoutOne)
    }
}

extension Subscription {
    fileprivate var simpler: [Subscription] {
        guard self != .anyone else { return [] }
        let less: [Subscription] =
            switch self {
            case .anyone: []
            case .approval(let approvers, let atMost):
                atMost == nil ? [] : [.approval(approvers: approvers, atMost: nil)]
            case .condition(let condition): condition.simpler.map { .condition($0) }
            case .named(let entries): entries.simpler.map { .named($0) }
            }
        return [.anyone] + less
    }
}

extension Condition {
    fileprivate var simpler: [Condition] {
        switch self {
        case .group, .attribute: []
        case .not(let part): [part] + part.simpler.map { .not($0) }
        case .all(let parts):
            parts + simplerItems(parts, \.simpler).filter { !$0.isEmpty }.map { .all($0) }
        case .any(let parts):
            parts + simplerItems(parts, \.simpler).filter { !$0.isEmpty }.map { .any($0) }
        }
    }
}

extension Entries {
    fileprivate var simpler: [Entries] {
        RandomWorlds.simpler(self, \.users) { simplerItems($0, \.simpler) }
            + RandomWorlds.simpler(self, \.groups) { simplerItems($0, \.simpler) }
    }
}

extension Entry {
    fileprivate var simpler: [Entry] { until == nil ? [] : [Entry(name)] }
}

extension FileRule {
    fileprivate var simpler: [FileRule] {
        var all: [FileRule] = []
        all += RandomWorlds.simpler(self, \.except, none)
        all += RandomWorlds.simpler(self, \.withTags, \.withoutOne)
        all += RandomWorlds.simpler(self, \.withoutTags, \.withoutOne)
        if youngerThan != nil, olderThan != nil {
            all += RandomWorlds.simpler(self, \.youngerThan, none) + RandomWorlds.simpler(self, \.olderThan, none)
        }
        if date != nil, !withTags.isEmpty || !withoutTags.isEmpty {
            var undated = self
            (undated.date, undated.youngerThan, undated.olderThan) = (nil, nil, nil)
            all.append(undated)
        }
        return all
    }
}

extension State {
    var simpler: [State] {
        RandomWorlds.simpler(self, \.currentProject) { current in
            current.keys.sorted().map { user in current.filter { $0.key != user } }
        }
            + RandomWorlds.simpler(self, \.acknowledgements, \.withoutOne)
            + RandomWorlds.simpler(self, \.approvals) { approvals in
                simplerItems(approvals) { $0.until == nil ? [] : [Approval($0.user, $0.dataSource)] }
            }
            + RandomWorlds.simpler(self, \.requests, \.withoutOne)
    }
}

extension World {
    var simplerCrawls: [[Text: Crawl]] {
        crawls.keys.sorted().flatMap { name in
            [crawls.filter { $0.key != name }]
                + (crawls[name]?.files.keys.sorted() ?? []).map { path in
                    var fewer = crawls
                    fewer[name]?.files[path] = nil
                    return fewer
                }
        }
    }
}

extension Question {
    /// With one component of the path less, and without what the NameNode told.
    var simpler: [Question] {
        RandomWorlds.simpler(self, \.path) { path in
            path.parts(between: "/").withoutOne.map { Text($0.map(\.bytes).joined(separator: [UInt8(ascii: "/")])) }
        } + RandomWorlds.simpler(self, \.inodes, none)
    }
}
