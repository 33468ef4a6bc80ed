/// What a denied reader is told: why, which data source, whom to ask.
package enum DenialWords {
    package static func words(for decision: Decision, in snapshot: Snapshot) -> String {
        let source = decision.dataSource.map { snapshot.dataSources[$0].definition }
        let named = source.map { "data source `\($0.name)`" } ?? "this path"
        let why =
            switch decision.reason {
            case .badPath: "the path cannot be made canonical"
            case .unmappedUser: "your principal maps to no user, and \(named) is for users only"
            case .ambiguousPrincipal: "your principal maps to more than one user, so that \(named) cannot be decided"
            case .disabledUser: "your user is disabled, and \(named) is protected"
            case .rawTableRead: "\(named) is a table, whose raw files are read by Spark jobs under a grant only"
            case .notSubscribed: "you are not subscribed to \(named)"
            case .leavesCover: "this would take data of \(named) out of its protection"
            case .badPrincipal: "your principal is none that Kerberos could have issued, and \(named) is protected"
            default: "\(named) is protected"
            }
        let contact = source?.contact ?? snapshot.settings.contact
        let ask = contact.isEmpty ? "" : "; ask \(contact)"
        return "\(why) (\(decision.reason.word))\(ask)"
    }
}
