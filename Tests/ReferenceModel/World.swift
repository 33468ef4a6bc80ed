/// All that an answer depends on, but the clock and the question.
package struct World: Equatable, Sendable {
    package var policies = Policies()
    package var state = State()
    package var naming = Naming()
    package var settings = DecisionSettings()
    /// What the last crawl found, by the data source. One that is not in it was not crawled.
    package var crawls: [Text: Crawl] = [:]
    /// Where it is noted what is looked at.
    package var notebook: Notebook?

    package init() {}

    func note(_ feature: Feature) {
        notebook?.note(feature)
    }
}

/// What is said by users and approvers, not in files.
package struct State: Equatable, Sendable {
    /// By user, the project that they act under.
    package var currentProject: [Text: Text] = [:]
    package var acknowledgements: [Acknowledgement] = []
    package var requests: [Request] = []
    package var approvals: [Approval] = []

    package init() {}
}

package struct Acknowledgement: Equatable, Sendable {
    package var user: Text
    package var project: Text
    package var purpose: Text

    package init(_ user: Text, _ project: Text, _ purpose: Text) {
        (self.user, self.project, self.purpose) = (user, project, purpose)
    }
}

package struct Request: Equatable, Sendable {
    package var user: Text
    package var dataSource: Text

    package init(_ user: Text, _ dataSource: Text) {
        (self.user, self.dataSource) = (user, dataSource)
    }
}

package struct Approval: Equatable, Sendable {
    package var user: Text
    package var dataSource: Text
    package var until: Instant?

    package init(_ user: Text, _ dataSource: Text, until: Instant? = nil) {
        (self.user, self.dataSource, self.until) = (user, dataSource, until)
    }
}

/// The identity settings of the cluster.
package struct Naming: Equatable, Sendable {
    package var defaultRealm: Text = "EXAMPLE.COM"
    /// For each realm that `auth_to_local` knows, what it puts in the place of the realm: nothing, or an ending. Of
    /// principals in other realms it makes nothing.
    package var endings: [Text: Text] = ["EXAMPLE.COM": ""]
    /// The setting `principal-case: insensitive`.
    package var ignoresCase = false

    package init() {}
}

/// The section `decisions` of the service's configuration.
package struct DecisionSettings: Equatable, Sendable {
    /// `unmapped: deny`
    package var deniesUnmapped = false
    /// `allow: intersect`
    package var intersects = false
    /// Not so with `catalogue: none`.
    package var needsCatalogue = true

    package init() {}
}

package struct Question: Equatable, Sendable {
    package enum Operation: Equatable, Sendable {
        case read
        case traverse
        case move(to: Text)
    }

    package var operation: Operation
    package var principal: Text
    package var path: Text
    /// What the NameNode knows of `/`, of every directory of the path, and of the file; `nil` if it does not tell.
    package var inodes: [Inode]?

    package init(_ operation: Operation, _ principal: Text, _ path: Text, inodes: [Inode]? = nil) {
        (self.operation, self.principal, self.path, self.inodes) = (operation, principal, path, inodes)
    }
}

package struct Answer: Hashable, Sendable {
    package enum Verdict: String, Sendable {
        case allow
        case deny
        case native
    }

    package var verdict: Verdict
    package var reason: Reason
    /// The data source that decided, or the first that covers where none was looked at; `nil` where none covers.
    package var dataSource: Text?

    package init(_ verdict: Verdict, _ reason: Reason, _ dataSource: Text? = nil) {
        (self.verdict, self.reason, self.dataSource) = (verdict, reason, dataSource)
    }
}

package enum Reason: String, CaseIterable, Sendable {
    case badPath = "bad-path"
    case notProtected = "not-protected"
    case badPrincipal = "bad-principal"
    case ignoredUser = "ignored-user"
    case unmappedUser = "unmapped-user"
    case ambiguousPrincipal = "ambiguous-principal"
    case disabledUser = "disabled-user"
    case dataOwner = "data-owner"
    case rawTableRead = "raw-table-read"
    case notSubscribed = "not-subscribed"
    case outsideProject = "outside-project"
    case purpose
    case policy
    case subscribed
    case subscribedUncrawled = "subscribed-uncrawled"
    case notInCatalogue = "not-in-catalogue"
    case leavesCover = "leaves-cover"
}

extension Answer: CustomStringConvertible {
    package var description: String {
        "\(verdict.rawValue), `\(reason.rawValue)`\(dataSource.map { ", `\($0)`" } ?? "")"
    }
}
