/// What has to hold for a file of a data source, so that it may be read.
package struct FileRule: Sendable, Hashable, Codable {
    /// Where the time of a file comes from.
    package enum Date: Sendable, Hashable, Codable {
        /// When the file was last changed, as the last crawl saw it.
        case modificationTime
        /// A path component `WORD=2026-11-21` or `WORD=20261121`.
        case component(String)
    }

    package var name: String
    package var date: Date?
    package var youngerThan: TimeSpan?
    package var olderThan: TimeSpan?
    package var withTags: Set<String>
    package var withoutTags: Set<String>
    package var except: Exemption?

    package init(
        name: String, date: Date? = nil, youngerThan: TimeSpan? = nil, olderThan: TimeSpan? = nil,
        withTags: Set<String> = [], withoutTags: Set<String> = [], except: Exemption? = nil
    ) {
        self.name = name
        self.date = date
        self.youngerThan = youngerThan
        self.olderThan = olderThan
        self.withTags = withTags
        self.withoutTags = withoutTags
        self.except = except
    }

    /// How many rules a data source may have, those of global policies included.
    package static let mostPerDataSource = 32
}

/// Whom a rule, a filter or a mask does not bind: one of these is enough.
package struct Exemption: Sendable, Hashable, Codable {
    package var users: Set<String>
    package var groups: Set<String>
    package var attributes: [String: Set<String>]
    /// Purposes that the user acts under.
    package var purposes: Set<String>

    package init(
        users: Set<String> = [], groups: Set<String> = [], attributes: [String: Set<String>] = [:],
        purposes: Set<String> = []
    ) {
        self.users = users
        self.groups = groups
        self.attributes = attributes
        self.purposes = purposes
    }
}
