/// What a user has said or been given by commands.
package struct UserState: Sendable, Equatable {
    /// The project that the user acts under.
    package var project: String?
    package var acknowledgements: Set<Acknowledgement> = []
    /// By the ids of data sources.
    package var approvals: [UInt32: Instant] = [:]

    package init() {}
}

/// A user's word that a project's purpose is understood.
package struct Acknowledgement: Sendable, Hashable {
    package var project: String
    package var purpose: String

    package init(project: String, purpose: String) {
        self.project = project
        self.purpose = purpose
    }
}
