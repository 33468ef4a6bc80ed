import Grants

/// What the audit keeps of a change of a grant.
package struct GrantRecord: Sendable {
    /// Empty for one that was refused.
    var id = ""
    /// The Spark application.
    var job: String
    var user: String
    var principal: String
    /// Where the grant is for one only; those of several are in the detail.
    var dataSource = ""
    /// In words.
    var detail: String

    init(refused request: GrantAttempt, because: String) {
        job = request.job
        user = request.user ?? ""
        principal = request.principal
        if request.dataSources.count == 1 { dataSource = request.dataSources[0] }
        detail = "refused (\(Self.names(request.dataSources))): \(because)"
    }

    init(_ grant: Grant, _ detail: String) {
        id = grant.id
        job = grant.job.application
        user = grant.user
        principal = grant.principal
        if grant.sources.count == 1 { dataSource = grant.sources[0].name }
        self.detail = detail
    }

    init(issued grant: Grant) {
        let parts = [
            "issued for \(grant.lifetime / 1_000) s: \(Self.names(grant.sources.map(\.name)))",
            grant.handles.isEmpty ? "bound to no token" : "bound to tokens: \(grant.handles.count)",
            grant.job.attempt.map { "attempt \($0)" }, grant.job.query.map { "query \($0)" },
            "asked for by uid \(grant.askedBy)",
        ]
        self.init(grant, parts.compactMap(\.self).joined(separator: "; "))
    }

    init(renewed grant: Grant) {
        self.init(
            grant,
            "renewed for \(grant.lifetime / 1_000) s, renewal \(grant.renewals) of \(grant.mostRenewals); "
                + "bound to tokens: \(grant.handles.count)")
    }

    init(ended grant: Grant) {
        self.init(grant, "\(grant.state.rawValue): \(grant.endedBecause ?? "")")
    }

    private static let mostNames = 100

    private static func names(_ names: [String]) -> String {
        let shown = names.prefix(mostNames).map { "`\($0)`" }.joined(separator: ", ")
        return names.count > mostNames ? "\(shown) and \(names.count - mostNames) more" : shown
    }
}

/// What somebody asked for, as far as it is known: for the record of a refusal.
struct GrantAttempt: Sendable {
    var job: String
    var principal: String
    var user: String?
    var dataSources: [String]
}
