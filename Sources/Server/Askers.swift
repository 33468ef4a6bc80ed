import Administration
import Decision
import NIOCore
import Policy
import Storage

/// What users say of themselves, and approvers of users: projects, acknowledgements, requests, approvals.
extension Administrator {
    /// Who gives a command.
    struct Asker: Sendable {
        /// For the history and the audit.
        var name: String
        var isAdministrator: Bool
        /// The user of the policies who it is; `nil` for an administrator who is none.
        var user: Int?
    }

    /// - Returns: fails with ``CommandRefusal`` or ``RoleRefusal``.
    func changeState(
        _ request: StateRequest, by party: Party, on loop: any EventLoop
    ) -> EventLoopFuture<Application> {
        change(on: loop) { [self] in
            let snapshot = try current()
            let asker = try asker(party, in: snapshot)
            if !party.isAdministrator { try ownChanges.withLock { try $0.count(party.account, at: clock.now()) } }
            return try StateChange(administrator: self, snapshot: snapshot, asker: asker, now: clock.now().wall)
                .make(request)
        }
    }

    /// The user of the policies that a party is: the one with the short name that is the name of its uid, or the one
    /// whom its ticket proves.
    private func asker(_ party: Party, in snapshot: Snapshot) throws -> Asker {
        let own = party.own(identity)
        let standing = own.caller.map { snapshot.standing(of: $0) }
        var asker = Asker(name: own.name, isAdministrator: party.isAdministrator)
        if case .user(let user) = standing?.match, snapshot.isEnabled(user, at: clock.now().wall) { asker.user = user }
        guard asker.user != nil || party.isAdministrator else {
            throw RoleRefusal(
                """
                \(own.words) is not exactly one user who is neither disabled nor suspended; ask an administrator
                """)
        }
        return asker
    }

    // MARK: Lists

    /// The projects of a user.
    ///
    /// - Returns: fails with ``RoleRefusal``.
    func projects(
        of name: String?, by party: Party, on loop: any EventLoop
    ) -> EventLoopFuture<[UInt8]> {
        result(on: loop, of: changes) { [self] in
            let snapshot = try current()
            let asker = try asker(party, in: snapshot)
            let user = try asker.user(speakingFor: name, in: snapshot)
            let acknowledged = snapshot.state(of: user).acknowledgements
            return snapshot.projects(of: user, at: clock.now().wall).map { project, isMember, isCurrent in
                ProjectLine(
                    name: project.name, about: project.about, dataSources: project.dataSources.sorted(),
                    purposes: project.purposes.sorted().map { purpose in
                        let isAcknowledged = acknowledged.contains(
                            Acknowledgement(project: project.name, purpose: purpose))
                        return ProjectLine.PurposeLine(name: purpose, isAcknowledged: isAcknowledged)
                    }, isCurrent: isCurrent, isMember: isMember)
            }
        }
    }

    /// Requests and approvals that concern the asker: its own, and those that it may answer.
    ///
    /// - Returns: fails with ``RoleRefusal``.
    func subscriptions(by party: Party, on loop: any EventLoop) -> EventLoopFuture<[UInt8]> {
        result(on: loop, of: changes) { [self] in
            let snapshot = try current()
            let asker = try asker(party, in: snapshot)
            let all = try store.subscriptions(now: clock.now().wall.milliseconds)
            guard !party.isAdministrator, let user = asker.user else { return all }
            let name = snapshot.userName(user)
            return all.filter { line in
                line.user == name
                    || snapshot.dataSource(named: line.dataSource).map { snapshot.mayApprove(user, dataSource: $0) }
                        == true
            }
        }
    }
}

extension Administrator.Asker {
    /// The user for whom the asker speaks: itself or, for an administrator, anybody.
    func user(speakingFor name: String?, in snapshot: Snapshot) throws -> Int {
        guard let name else {
            guard let user else {
                throw CommandRefusal(.invalid, "you are no user of the policies; say for whom with `--user`")
            }
            return user
        }
        let named = snapshot.user(named: name)
        guard isAdministrator || (named != nil && named == user) else {
            throw RoleRefusal("only an administrator may speak for another user")
        }
        guard let named else { throw CommandRefusal(.invalid, "there is no user `\(name)`") }
        return named
    }
}

/// How often ordinary users do what takes room on the disk: make a version, or leave a record.
struct Allowance: Sendable {
    let mostPerMinute: Int
    /// What is counted, in words.
    let what: String
    private var minute: UInt64 = 0
    private var counts: [String: Int] = [:]

    init(_ mostPerMinute: Int, _ what: String) {
        self.mostPerMinute = mostPerMinute
        self.what = what
    }

    /// - Parameter account: whose request it is.
    mutating func count(_ account: String, at now: Moment) throws {
        let current = now.monotonic / 60_000_000_000
        if current != minute { (minute, counts) = (current, [:]) }
        guard counts[account, default: 0] < mostPerMinute else {
            throw CommandRefusal(.failed, "more than \(mostPerMinute) \(what) in a minute; wait for the next one")
        }
        counts[account, default: 0] += 1
    }
}
