/// A use that people make of data, and that they acknowledge.
package struct Purpose: Sendable, Hashable, Codable {
    package var name: String
    /// What a member acknowledges.
    package var about: String?

    package init(name: String, about: String? = nil) {
        self.name = name
        self.about = about
    }
}

/// A piece of work: data sources, the people who do it, and what it is for.
package struct Project: Sendable, Hashable, Codable {
    package var name: String
    package var about: String?
    package var dataSources: Set<String>
    package var members: Roster
    package var purposes: Set<String>
    /// Whether members see hashes that can be joined across the data sources of the project.
    package var joinsOnHash: Bool

    package init(
        name: String, about: String? = nil, dataSources: Set<String> = [], members: Roster = Roster(),
        purposes: Set<String> = [], joinsOnHash: Bool = false
    ) {
        self.name = name
        self.about = about
        self.dataSources = dataSources
        self.members = members
        self.purposes = purposes
        self.joinsOnHash = joinsOnHash
    }
}
