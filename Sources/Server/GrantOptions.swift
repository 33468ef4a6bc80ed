/// How grants are given. `docs/configuration.md` explains each field.
package struct GrantOptions: Sendable, Equatable {
    /// What becomes of requests without a handle.
    package enum WithoutKerberos: String, Sendable, CaseIterable {
        case deny
        /// The grant is bound to what its job says of itself: the user and the Spark application.
        case bindToApplication = "bind-to-application"
    }

    /// Where grants are kept.
    package var path: String
    /// Milliseconds.
    package var lifetime: Int64 = 120_000
    package var mostRenewals = 1_440
    /// The nameservice that this service decides for; `nil` to take what requests say.
    package var nameservice: String?
    package var withoutKerberos = WithoutKerberos.deny

    package init(path: String) {
        self.path = path
    }
}
