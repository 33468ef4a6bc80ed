/// Who is asking: a name as the NameNode sent it, taken apart.
struct Caller {
    /// With its realm; `nil` for a bare name, which is no principal.
    var principal: Text?
    var shortName: Text
}

extension Naming {
    /// `nil` for a name that Kerberos could not have issued, or that `auth_to_local` makes nothing of.
    func caller(_ name: Text) -> Caller? {
        guard !name.bytes.isEmpty, name.bytes.count <= 4_096, name.string != nil, !name.bytes.contains(0) else {
            return nil
        }
        // A bare name is its own short name.
        guard name.contains("@") else { return Caller(principal: nil, shortName: name) }
        guard !name.contains("\\"), let shortName = shortName(of: name) else { return nil }
        return Caller(principal: name, shortName: shortName)
    }

    /// What `auth_to_local` makes of a principal with a realm: the first component, and the ending of the realm.
    private func shortName(of principal: Text) -> Text? {
        let halves = principal.parts(between: "@")
        guard halves.count == 2, let ending = endings[halves[1]] else { return nil }
        return "\(halves[0].parts(between: "/")[0])\(ending)"
    }

    /// Whether a principal that administrators wrote is the caller: by the whole principal where the caller has a
    /// realm, else by short name.
    func isSame(_ written: Text, _ caller: Caller) -> Bool {
        if let principal = caller.principal { return isEqual(withRealm(written), principal) }
        guard let shortName = shortName(of: withRealm(written)) else { return false }
        return isEqual(shortName, caller.shortName)
    }

    /// A principal in a policy without a realm is one of the default realm.
    private func withRealm(_ written: Text) -> Text {
        written.contains("@") ? written : Text(written.bytes + Text("@").bytes + defaultRealm.bytes)
    }

    func isEqual(_ left: Text, _ right: Text) -> Bool {
        ignoresCase ? Text(left.description.lowercased()) == Text(right.description.lowercased()) : left == right
    }

    /// The short name that a user owns: what the rules make of the principal, or the user's name.
    fileprivate func shortName(of user: User) -> Text? {
        guard let principal = user.principal else { return user.name }
        return shortName(of: withRealm(principal))
    }

    /// Whether policies with both users are refused: a principal belongs to one user, and so does a short name.
    package func claimTheSame(_ left: User, _ right: User) -> Bool {
        if let left = left.principal, let right = right.principal, isEqual(withRealm(left), withRealm(right)) {
            return true
        }
        guard let left = shortName(of: left), let right = shortName(of: right) else { return false }
        return isEqual(left, right)
    }

    fileprivate func hasPrincipal(_ user: User, _ caller: Caller) -> Bool {
        guard let written = user.principal, let principal = caller.principal else { return false }
        return isEqual(withRealm(written), principal)
    }
}

extension World {
    /// Rule 3. An entry with `@` or `/` is a principal; any other is a short name.
    func isIgnored(_ caller: Caller) -> Bool {
        policies.ignoredUsers.contains { entry in
            guard entry.contains("@") || entry.contains("/") else {
                let isSame = naming.isEqual(entry, caller.shortName)
                if isSame { note(.ignoredByShortName) }
                return isSame
            }
            let isSame = naming.isSame(entry, caller)
            if isSame { note(caller.principal == nil ? .ignoredBareName : .ignoredByPrincipal) }
            return isSame
        }
    }

    /// Rules 4 and 5: the users that the caller may be. First by principal, then by short name.
    func users(for caller: Caller) -> [User] {
        let byPrincipal = policies.users.filter { naming.hasPrincipal($0, caller) }
        if !byPrincipal.isEmpty {
            note(.userByPrincipal)
            if byPrincipal.contains(where: { $0.principal?.contains("@") == false }) { note(.realmDefaulted) }
            if byPrincipal.contains(where: { $0.principal != caller.principal }), naming.ignoresCase {
                note(.caseIgnored)
            }
            return byPrincipal
        }
        let byShortName = policies.users.filter { user in
            guard let shortName = naming.shortName(of: user) else { return false }
            return naming.isEqual(shortName, caller.shortName)
        }
        if !byShortName.isEmpty { note(.userByShortName) }
        return byShortName
    }

    /// Whether a principal is on the list of ignored users.
    package func isIgnored(_ principal: Text) -> Bool { naming.caller(principal).map { isIgnored($0) } ?? false }

    /// The one user that a principal stands for; `nil` if it stands for none, or for several.
    package func user(of principal: Text) -> User? {
        guard let caller = naming.caller(principal) else { return nil }
        let users = users(for: caller)
        return users.count == 1 ? users[0] : nil
    }
}
