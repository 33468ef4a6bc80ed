/// "Moves" of `docs/decisions.md`.
extension World {
    func move(_ question: Question, to destination: Text, at now: Instant) -> Answer {
        guard let from = canonicalComponents(of: question.path), let to = canonicalComponents(of: destination) else {
            return Answer(.deny, .badPath)
        }
        let covering = covering(from)
        let below = policies.dataSources.sorted { $0.name < $1.name }
            .filter { $0.directories.contains { isBelow($0, from) } }
        guard let first = covering.first ?? firstDirectory(below: from) else {
            note(.moveOfUncovered)
            return Answer(.native, .notProtected)
        }
        guard let caller = naming.caller(question.principal) else { return Answer(.deny, .badPrincipal, first.name) }
        if isIgnored(caller) {
            note(.moveByIgnoredUser)
            return Answer(.native, .ignoredUser, first.name)
        }
        let users = users(for: caller)
        if users.isEmpty, !settings.deniesUnmapped {
            note(.moveByUnmappedUser)
            return Answer(.native, .unmappedUser, first.name)
        }
        // Rules 3 to 6 come before that of the credential.
        if users.count == 1, !isDisabled(users[0], at: now),
            (covering + below).allSatisfy({ isOwner(caller, of: $0) })
        {
            note(.moveByOwner)
            return Answer(.native, .dataOwner, first.name)
        }
        // The same data sources cover all of it afterwards. A directory above a covered one cannot be moved at all.
        let after = self.covering(to).map(\.name)
        if below.isEmpty, after == covering.map(\.name), isCoveredAlike(below: to, covering) {
            note(.moveStaysCovered)
            return Answer(.native, .notProtected)
        }
        note(!below.isEmpty ? .moveOfDirectoryAbove : after.isEmpty ? .moveLeavesCover : .moveIntoOtherCover)
        return Answer(.deny, .leavesCover, first.name)
    }

    private func isBelow(_ directory: Text, _ path: [Text]) -> Bool {
        guard let components = canonicalComponents(of: directory) else { return false }
        return components.count > path.count && components.starts(with: path)
    }

    /// Of several covered directories below, the first by its bytes is named.
    private func firstDirectory(below path: [Text]) -> DataSource? {
        let directories = policies.dataSources.flatMap(\.directories).filter { isBelow($0, path) }
        return directories.min().flatMap { covering(canonicalComponents(of: $0) ?? []).first }
    }

    /// Whether what arrives at a path is covered by these data sources in all its depth.
    private func isCoveredAlike(below path: [Text], _ sources: [DataSource]) -> Bool {
        policies.dataSources.flatMap(\.directories).filter { isBelow($0, path) }.allSatisfy { directory in
            covering(canonicalComponents(of: directory) ?? []).map(\.name) == sources.map(\.name)
        }
    }
}
