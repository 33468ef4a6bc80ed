import Administration
import Decision
import Policy
import Storage

/// One change of state: checked against the policies in force, stored, and put in force.
struct StateChange {
    let administrator: Administrator
    let snapshot: Snapshot
    let asker: Administrator.Asker
    let now: Instant

    func make(_ request: StateRequest) throws -> Administrator.Application {
        switch request {
        case .switchProject(let name, let project):
            return try switchProject(try asker.user(speakingFor: name, in: snapshot), project)
        case .acknowledge(let name, let project, let purpose, let withdraw):
            let acknowledgement = Acknowledgement(project: project, purpose: purpose)
            return try acknowledge(try asker.user(speakingFor: name, in: snapshot), acknowledgement, withdraw)
        case .request(let name, let source, let because):
            return try self.request(try asker.user(speakingFor: name, in: snapshot), source, because)
        case .withdraw(let name, let source):
            return try endRequest(
                try asker.user(speakingFor: name, in: snapshot), source, words: "withdrew the request")
        case .approve(let name, let source, let span, let until):
            return try approve(try other(name), source, try end(span, until))
        case .deny(let name, let source, let because):
            let user = try other(name)
            try requireApprover(of: try place(source), source, besides: user)
            let words = because.map { "denied the request (\($0))" } ?? "denied the request"
            return try endRequest(user, source, words: words)
        case .revoke(let name, let source): return try revoke(try other(name), source)
        }
    }

    // MARK: Projects

    private func switchProject(_ user: Int, _ name: String?) throws -> Administrator.Application {
        if let name { _ = try project(name, of: user) }
        guard snapshot.state(of: user).project != name else {
            return unchanged("`\(snapshot.userName(user))` acts under \(Self.words(name)) already")
        }
        let field = PolicyChange.Field(
            name: "acts-under", from: snapshot.state(of: user).project, to: name)
        return try change(user, "`\(snapshot.userName(user))` acts under \(Self.words(name))", [field]) {
            try $0.act($1, under: name)
        }
    }

    private static func words(_ project: String?) -> String { project.map { "the project `\($0)`" } ?? "no project" }

    private func acknowledge(
        _ user: Int, _ acknowledgement: Acknowledgement, _ withdraw: Bool
    ) throws -> Administrator.Application {
        let (project, purpose) = (acknowledgement.project, acknowledgement.purpose)
        let has = snapshot.state(of: user).acknowledgements.contains(acknowledgement)
        if !withdraw {
            guard try self.project(project, of: user).purposes.contains(purpose) else {
                throw CommandRefusal(.invalid, "the project `\(project)` does not have the purpose `\(purpose)`")
            }
        }
        guard has == withdraw else {
            return unchanged(withdraw ? "it was not acknowledged" : "it is acknowledged already")
        }
        let verb = withdraw ? "withdrew the acknowledgement of" : "acknowledged"
        let words = "`\(snapshot.userName(user))` \(verb) the purpose `\(purpose)` in the project `\(project)`"
        let said = "\(project): \(purpose)"
        let field = PolicyChange.Field(name: "acknowledged", from: withdraw ? said : nil, to: withdraw ? nil : said)
        return try change(user, words, [field]) { try $0.acknowledge($1, acknowledgement, withdraw: withdraw) }
    }

    private func project(_ name: String, of user: Int) throws -> Project {
        let found = snapshot.projects(of: user, at: now).first { $0.definition.name == name && $0.isMember }
        guard let found else {
            throw CommandRefusal(.failed, "`\(snapshot.userName(user))` is no member of a project `\(name)` now")
        }
        return found.definition
    }

    // MARK: Requests and approvals

    private func request(_ user: Int, _ source: String, _ because: String?) throws -> Administrator.Application {
        let place = try place(source)
        guard !snapshot.approvalTerms(of: place).isEmpty else {
            throw CommandRefusal(
                .failed, "no policy of `\(source)` asks for an approval; a request would change nothing")
        }
        if let because, because.utf8.count > 4_096 {
            throw CommandRefusal(.invalid, "the words have \(because.utf8.count) bytes and may have 4096")
        }
        let words = "`\(snapshot.userName(user))` asks to be subscribed to `\(source)`"
        let id = Int64(snapshot.dataSources[place].id)
        let field = PolicyChange.Field(name: "requests", from: nil, to: source)
        return try change(user, words, [field]) { try $0.request($1, id, because: because) }
    }

    private func endRequest(_ user: Int, _ source: String, words: String) throws -> Administrator.Application {
        let id = Int64(snapshot.dataSources[try place(source)].id)
        let named = "`\(snapshot.userName(user))` to be subscribed to `\(source)`"
        let field = PolicyChange.Field(name: "requests", from: source, to: nil)
        return try change(user, "\(asker.name) \(words) of \(named)", [field]) { writer, user in
            guard try writer.endRequest(user, id) else {
                throw CommandRefusal(.failed, "there is no request of \(named)")
            }
        }
    }

    private func approve(_ user: Int, _ source: String, _ wanted: Instant?) throws -> Administrator.Application {
        let place = try place(source)
        try requireApprover(of: place, source, besides: user)
        let longest = snapshot.approvalTerms(of: place).compactMap(\.atMost).min { $0.milliseconds < $1.milliseconds }
        let last = longest.map { Instant(milliseconds: now.milliseconds + $0.milliseconds) }
        if let wanted, wanted <= now {
            throw CommandRefusal(.invalid, "\(wanted) is over; name a later instant")
        }
        if let wanted, let longest, let last, wanted > last {
            throw CommandRefusal(
                .invalid, "an approval for `\(source)` lasts at most \(longest), until \(last); \(wanted) is later")
        }
        let until = wanted ?? last
        let id = Int64(snapshot.dataSources[place].id)
        let named = "`\(snapshot.userName(user))` for `\(source)`"
        let words = "\(asker.name) approved \(named)" + (until.map { " until \($0)" } ?? "")
        let fields = [
            PolicyChange.Field(name: "approvals", from: approval(of: user, id, source), to: Self.words(source, until)),
            PolicyChange.Field(name: "requests", from: source, to: nil),
        ]
        return try change(user, words, fields) { writer, user in
            guard try writer.endRequest(user, id) else {
                throw CommandRefusal(.failed, "there is no request of \(named)")
            }
            try writer.approve(user, id, by: asker.name, until: until)
        }
    }

    private func revoke(_ user: Int, _ source: String) throws -> Administrator.Application {
        let place = try place(source)
        if user != asker.user { try requireApprover(of: place, source, besides: user) }
        let id = Int64(snapshot.dataSources[place].id)
        let named = "`\(snapshot.userName(user))` for `\(source)`"
        let field = PolicyChange.Field(name: "approvals", from: approval(of: user, id, source) ?? source, to: nil)
        return try change(user, "\(asker.name) revoked the approval of \(named)", [field]) { writer, user in
            guard try writer.endApproval(user, id) else {
                throw CommandRefusal(.failed, "there is no approval of \(named)")
            }
        }
    }

    /// The approval that the user has so far; `nil` for none.
    private func approval(of user: Int, _ id: Int64, _ source: String) -> String? {
        snapshot.state(of: user).approvals[UInt32(id)].map { Self.words(source, $0 == .never ? nil : $0) }
    }

    private static func words(_ source: String, _ until: Instant?) -> String {
        until.map { "\(source) until \($0)" } ?? source
    }

    private func end(_ span: String?, _ until: String?) throws -> Instant? {
        switch (span, until) {
        case (nil, nil): return nil
        case (let text?, nil):
            guard let span = TimeSpan(text) else { throw CommandRefusal(.invalid, TimeSpan.fault(in: text) ?? text) }
            return Instant(milliseconds: now.milliseconds + span.milliseconds)
        case (nil, let text?):
            guard let instant = Instant(text) else { throw CommandRefusal(.invalid, Instant.fault(in: text) ?? text) }
            return instant
        default: throw CommandRefusal(.invalid, "`--for` and `--until` say the same; keep one")
        }
    }

    /// - Throws: ``RoleRefusal`` unless the asker may answer requests of that user.
    private func requireApprover(of place: Int, _ source: String, besides user: Int) throws {
        if asker.isAdministrator { return }
        guard let own = asker.user, snapshot.mayApprove(own, dataSource: place) else {
            throw RoleRefusal("not every policy of `\(source)` that asks for an approval names you for it")
        }
        guard own != user else {
            throw RoleRefusal("nobody approves or denies their own request; ask another approver")
        }
    }

    private func place(_ source: String) throws -> Int {
        guard let place = snapshot.dataSource(named: source) else {
            throw CommandRefusal(.invalid, "there is no data source `\(source)`")
        }
        return place
    }

    private func other(_ name: String) throws -> Int {
        guard let user = snapshot.user(named: name) else {
            throw CommandRefusal(.invalid, "there is no user `\(name)`")
        }
        return user
    }

    // MARK: Storing

    private func unchanged(_ words: String) -> Administrator.Application {
        Administrator.Application(
            outcome: .state(StateChanged(version: snapshot.version, words: words)), actor: asker.name, auditDetail: "")
    }

    private func change(
        _ user: Int, _ words: String, _ fields: [PolicyChange.Field],
        _ body: (UserStateWriter, Int64) throws -> Void
    ) throws -> Administrator.Application {
        let id = Int64(snapshot.facts(of: user).id)
        let version = try administrator.store.changeState(actor: asker.name, now: now.milliseconds) { writer in
            try body(writer, id)
            return words
        }
        let edition = try administrator.edition(
            after: snapshot, stateOf: snapshot.userName(user), id: id, version: version)
        return Administrator.Application(
            outcome: .state(StateChanged(version: version, words: words)), edition: edition, actor: asker.name,
            auditDetail: "policy version \(version): \(words)",
            change: RecordedChange(PolicyChange(user: snapshot.userName(user), fields: fields)))
    }
}
