/// What a denied reader is told: why, which data source, whom to ask.
package enum DenialWords {
    /// - Parameter grant: what became of the grant that the job had, as the end of a sentence; `nil` if it had none.
    package static func words(for decision: Decision, in snapshot: Snapshot, grant: String? = nil) -> String {
        let source = decision.dataSource.map { snapshot.dataSources[$0].definition }
        let named = source.map { "data source `\($0.name)`" } ?? "this path"
        let why =
            switch decision.reason {
            case .badPath: "the path cannot be made canonical"
            case .unmappedUser: "your principal maps to no user, and \(named) is for users only"
            case .ambiguousPrincipal: "your principal maps to more than one user, so that \(named) cannot be decided"
            case .disabledUser: "your user is disabled or suspended, and \(named) is protected"
            case .rawTableRead:
                "\(named) is a table, whose raw files are read by Spark jobs under a grant only; "
                    + (grant ?? "this read comes from no job that has a live one for it")
            case .notSubscribed: notSubscribed(named, decision, snapshot)
            case .outsideProject:
                "\(named) is not in the project that you act under, or you are no member of it any more; "
                    + "switch with `authorizer project switch`"
            case .purpose:
                "\(named) may be read for a purpose only, which your project has and which you have acknowledged; "
                    + "see `authorizer project list`"
            case .policy: "a rule of \(named) about single files (their age, their tags) does not let you read this one"
            case .leavesCover: "this would take data of \(named) out of its protection"
            case .auditUnavailable: "the audit cannot be written at the moment, and reads of \(named) are recorded"
            case .badPrincipal: "your principal is none that Kerberos could have issued, and \(named) is protected"
            default: "\(named) is protected"
            }
        let contact = source?.contact ?? snapshot.settings.contact
        let ask = contact.isEmpty ? "" : "; ask \(contact)"
        return "\(why) (\(decision.reason.word))\(ask)"
    }

    /// What one is told to whom the policies deny a data source for this reason.
    package static func words(for reason: Reason, dataSource: Int, in snapshot: Snapshot) -> String {
        let decision = Decision(
            verdict: .deny, reason: reason, policyVersion: snapshot.version, dataSource: dataSource)
        return words(for: decision, in: snapshot)
    }

    private static func notSubscribed(_ named: String, _ decision: Decision, _ snapshot: Snapshot) -> String {
        let asksForApproval = decision.dataSource.map { place in
            snapshot.dataSources[place].terms.contains { if case .approval = $0.subscription { true } else { false } }
        }
        guard asksForApproval == true else { return "you are not subscribed to \(named)" }
        return "you are not subscribed to \(named); ask with `authorizer subscription request`"
    }
}
