/// A tag that data sources, columns and files can have.
package struct TagDefinition: Sendable, Hashable, Codable {
    package var name: String
    package var about: String?
    /// Whatever has this tag has these too.
    package var implies: Set<String>
    /// A file with one of these components in its path has the tag.
    package var components: Set<String>

    package init(name: String, about: String? = nil, implies: Set<String> = [], components: Set<String> = []) {
        self.name = name
        self.about = about
        self.implies = implies
        self.components = components
    }
}

/// What is asked for every data source that has a tag.
package struct GlobalPolicy: Sendable, Hashable, Codable {
    package var name: String
    package var about: String?
    /// Applies to every data source that has one of these.
    package var tags: Set<String>
    package var allowsExceptions: Bool
    package var subscription: Subscription?
    package var purposes: Set<String>
    package var fileRules: [FileRule]
    package var rowFilters: [RowFilter]
    package var masks: [Mask]

    package init(
        name: String, about: String? = nil, tags: Set<String>, allowsExceptions: Bool = false,
        subscription: Subscription? = nil, purposes: Set<String> = [], fileRules: [FileRule] = [],
        rowFilters: [RowFilter] = [], masks: [Mask] = []
    ) {
        self.name = name
        self.about = about
        self.tags = tags
        self.allowsExceptions = allowsExceptions
        self.subscription = subscription
        self.purposes = purposes
        self.fileRules = fileRules
        self.rowFilters = rowFilters
        self.masks = masks
    }
}

/// What tags come to when all that they imply is counted.
package struct TagClosure: Sendable {
    private let implied: [String: Set<String>]

    package init(_ tags: some Sequence<TagDefinition>) {
        implied = Dictionary(tags.map { ($0.name, $0.implies) }) { _, last in last }
    }

    /// The tags and all that they imply.
    package func callAsFunction(_ tags: some Sequence<String>) -> Set<String> {
        var found: Set<String> = []
        var waiting = Array(tags)
        while let tag = waiting.popLast() {
            guard found.insert(tag).inserted else { continue }
            waiting += implied[tag] ?? []
        }
        return found
    }

    /// A circle of tags that a tag is in, beginning and ending with it; `nil` if there is none.
    package func circle(through tag: String) -> [String]? {
        var ways: [String: String] = [:]
        var waiting = [tag]
        while let next = waiting.popLast() {
            for other in (implied[next] ?? []).sorted() where ways[other] == nil {
                ways[other] = next
                waiting.append(other)
            }
        }
        guard var step = ways[tag] else { return nil }
        var circle = [tag]
        while step != tag {
            circle.append(step)
            step = ways[step]!
        }
        return [tag] + Array(circle[1...].reversed()) + [tag]
    }
}
