import Audit
import Decision
import Foundation
import Glibc
import Identity
import Logging
import StrictYAML
import Wording
import Yams

extension ServiceConfiguration {
    /// Reads a configuration file, or takes the defaults where there is none.
    ///
    /// - Throws: `DocumentErrors` with every problem of the file, each with its line and field; or the error of the
    ///   `core-site.xml` that it names.
    package init(file: String?) throws {
        let problems = ProblemCollector()
        let source = try file.map { try SourceFiles.load([$0]) }?.first
        self = try ConfigurationReader(source, problems).configuration()
    }
}

/// Reads the fields of a configuration file.
private struct ConfigurationReader {
    private let problems: ProblemCollector
    private let fields: Fields?

    init(_ file: SourceFile?, _ problems: ProblemCollector) throws {
        self.problems = problems
        let known = [
            "socket", "store", "audit", "roles", "identity", "kerberos", "decisions", "grants", "crawl", "contact",
            "log",
        ]
        fields = file?.root(reportingTo: problems).flatMap { $0.context.fields(of: $0.node, known: known) }
        try problems.throwIfAny()
    }

    func configuration() throws -> ServiceConfiguration {
        let roles = section("roles", known: ["namenode", "admin", "gateway"])
        let assignments = RoleAssignments(
            namenode: roles?.optional("namenode", members) ?? .defaultNameNode,
            admin: roles?.optional("admin", members) ?? .defaultAdmin,
            gateway: roles?.optional("gateway", members) ?? .init())
        var configuration = ServiceConfiguration(roles: assignments, authToLocal: try AuthToLocal(defaultRealm: nil))
        readSocket(into: &configuration)
        readAudit(into: &configuration)
        readDecisions(into: &configuration)
        if let path = fields?.optional("store", { $0.absolutePath($1) }) { configuration.storePath = path }
        if let contact = fields?.optional("contact", { $0.contact($1) }) { configuration.settings.contact = contact }
        configuration.grants.path =
            URL(fileURLWithPath: configuration.storePath).deletingLastPathComponent()
            .appendingPathComponent("grants.sqlite").path
        readGrants(into: &configuration)
        readKerberos(into: &configuration)
        configuration.crawls.directory =
            URL(fileURLWithPath: configuration.storePath).deletingLastPathComponent()
            .appendingPathComponent("catalogue").path
        if let options = fields?.optional("crawl", { $0.crawls($1, configuration.crawls) }) {
            configuration.crawls = options
        }
        let log = section("log", known: ["level"])
        if let level = log?.optional("level", { $0.word($1, as: Logger.Level.self) }) { configuration.logLevel = level }
        try readIdentity(into: &configuration)
        return configuration
    }

    private func section(_ name: String, known: [String]) -> Fields? {
        fields?.optional(name) { $0.fields(of: $1, known: known) }
    }

    private func readSocket(into configuration: inout ServiceConfiguration) {
        guard let socket = section("socket", known: ["path", "owner", "group", "mode"]) else { return }
        if let path = socket.optional("path", { $0.socketPath($1) }) { configuration.socket.path = path }
        configuration.socket.ownerID = socket.optional("owner") { $0.userID($1) }
        configuration.socket.groupID = socket.optional("group") { $0.groupID($1) }
        if let mode = socket.optional("mode", { $0.mode($1) }) { configuration.socket.mode = mode }
    }

    private func readAudit(into configuration: inout ServiceConfiguration) {
        let known = [
            "directory", "on-failure", "durability", "sync-milliseconds", "segment-megabytes", "segment-hours",
            "compress-after-hours", "keep-days", "keep-megabytes", "signing-key", "ship", "path-components",
        ]
        guard let audit = section("audit", known: known) else { return }
        if let directory = audit.optional("directory", { $0.absolutePath($1) }) {
            configuration.auditDirectory = directory
        }
        if let mode = audit.optional("on-failure", { $0.word($1, as: AuditFailureMode.self) }) {
            configuration.auditFailureMode = mode
        }
        if let interval = audit.optional("sync-milliseconds", { $0.number($1, in: 1...10_000) }) {
            configuration.auditSyncInterval = interval
        }
        if let size = audit.optional("segment-megabytes", { $0.number($1, in: 1...4_096) }) {
            configuration.auditSegmentSize = size << 20
        }
        if let durability = audit.optional("durability", { $0.word($1, as: Durability.self) }) {
            configuration.auditDurability = durability
        }
        if let hours = audit.optional("segment-hours", { $0.number($1, in: 1...8_760) }) {
            configuration.auditSegmentHours = hours
        }
        if let compression = audit.optional("compress-after-hours", { $0.compression($1) }) {
            configuration.auditCompression = compression
        }
        configuration.auditRetention = Retention(
            days: audit.optional("keep-days") { $0.number($1, in: 1...36_500) },
            bytes: audit.optional("keep-megabytes") { $0.number($1, in: 1...1_000_000_000) }.map { $0 << 20 })
        configuration.auditPathComponents = audit.optional("path-components") { $0.number($1, in: 0...1_000) }
        configuration.auditShipments = audit.optional("ship") { $0.shipments($1) } ?? []
        configuration.auditSigningKey = audit.optional("signing-key") { $0.absolutePath($1) }
    }

    private func readDecisions(into configuration: inout ServiceConfiguration) {
        let known = ["cache-seconds", "cache-entries", "unmapped", "allow", "catalogue"]
        guard let decisions = section("decisions", known: known) else { return }
        if let seconds = decisions.optional("cache-seconds", { $0.number($1, in: 0...86_400) }) {
            configuration.cacheTimeToLive = seconds
        }
        if let entries = decisions.optional("cache-entries", { $0.number($1, in: 8...(1 << 24)) }) {
            configuration.cacheEntries = entries
        }
        if let unmapped = decisions.optional("unmapped", { $0.word($1, as: Settings.Unmapped.self) }) {
            configuration.settings.unmapped = unmapped
        }
        if let allow = decisions.optional("allow", { $0.word($1, as: Settings.Allow.self) }) {
            configuration.settings.allow = allow
        }
        if let catalogue = decisions.optional("catalogue", { $0.word($1, as: Settings.Catalogue.self) }) {
            configuration.settings.catalogue = catalogue
        }
    }

    private func readGrants(into configuration: inout ServiceConfiguration) {
        let known = ["lifetime-seconds", "most-renewals", "nameservice", "store", "without-kerberos"]
        guard let grants = section("grants", known: known) else { return }
        if let seconds = grants.optional("lifetime-seconds", { $0.number($1, in: 1...3_600) }) {
            configuration.grants.lifetime = Int64(seconds) * 1_000
        }
        if let most = grants.optional("most-renewals", { $0.number($1, in: 0...1_000_000) }) {
            configuration.grants.mostRenewals = most
        }
        configuration.grants.nameservice = grants.optional("nameservice") { $0.line($1) }
        if let path = grants.optional("store", { $0.absolutePath($1) }) { configuration.grants.path = path }
        if let word = grants.optional("without-kerberos", { $0.word($1, as: GrantOptions.WithoutKerberos.self) }) {
            configuration.grants.withoutKerberos = word
        }
    }

    private func readKerberos(into configuration: inout ServiceConfiguration) {
        let known = ["keytab", "service-principal", "require-proof", "replay-cache"]
        guard let kerberos = section("kerberos", known: known) else { return }
        let keytab = kerberos.required("keytab") { $0.absolutePath($1) }
        let principal = kerberos.required("service-principal") { $0.servicePrincipal($1) }
        guard let keytab, let principal else { return }
        let replayCache =
            kerberos.optional("replay-cache") { $0.absolutePath($1) }
            ?? URL(fileURLWithPath: configuration.storePath).deletingLastPathComponent()
            .appendingPathComponent("replay-cache").path
        var options = KerberosOptions(keytab: keytab, servicePrincipal: principal, replayCache: replayCache)
        if let requires = kerberos.optional("require-proof", { $0.flag($1) }) { options.requiresProof = requires }
        configuration.kerberos = options
    }

    private func members(_ context: ReadingContext, _ node: Node) -> RoleAssignments.Members? {
        guard let fields = context.fields(of: node, known: ["users", "groups"]) else { return nil }
        let users = fields.optional("users") { $0.list($1) { $0.userID($1) } } ?? []
        let groups = fields.optional("groups") { $0.list($1) { $0.groupID($1) } } ?? []
        return RoleAssignments.Members(userIDs: Set(users.map(\.value)), groupIDs: Set(groups.map(\.value)))
    }

    /// - Throws: every problem of the whole file, before the rules are looked at.
    private func readIdentity(into configuration: inout ServiceConfiguration) throws {
        let known = ["core-site", "auth-to-local", "mechanism", "default-realm", "principal-case"]
        let section = section("identity", known: known)
        if let rule = section?.optional("principal-case", { $0.word($1, as: PrincipalCase.self) }) {
            configuration.principalCase = rule
        }
        let realm =
            try section?.optional("default-realm") { $0.line($1) } ?? KerberosConfiguration.defaultRealm()
        let coreSite = section?.optional("core-site") { $0.absolutePath($1) }
        let written = section?.nodes["auth-to-local"] ?? section?.nodes["mechanism"]
        if coreSite != nil, let written {
            section?.context.report(written, "`core-site` says it already; keep one of the two")
        }
        let rules = section?.optional("auth-to-local") { $0.prose($1) } ?? AuthToLocal.defaultRules
        let mechanism = section?.optional("mechanism") { $0.word($1, as: AuthToLocal.Mechanism.self) } ?? .hadoop
        try problems.throwIfAny()
        configuration.defaultRealm = realm
        if let coreSite {
            configuration.authToLocal = try HadoopConfiguration(contentsOf: coreSite).authToLocal(defaultRealm: realm)
        } else {
            configuration.authToLocal = try AuthToLocal(rules: rules, mechanism: mechanism, defaultRealm: realm)
        }
    }
}

extension RoleAssignments.Members {
    /// The user `hdfs`, where the system has one.
    fileprivate static var defaultNameNode: Self {
        guard let entry = getpwnam("hdfs") else { return Self() }
        return Self(userIDs: [entry.pointee.pw_uid])
    }

    /// Root, and the user that the service runs as.
    fileprivate static var defaultAdmin: Self {
        Self(userIDs: [0, geteuid()])
    }
}

extension ReadingContext {
    func absolutePath(_ node: Node) -> String? {
        text(node) { $0.hasPrefix("/") ? nil : "the path \(quoted($0)) is relative; write it from `/` on" }
    }

    fileprivate func socketPath(_ node: Node) -> String? {
        guard let path = absolutePath(node) else { return nil }
        guard path.utf8.count <= SocketListener.longestPath else {
            report(node, "\(quoted(path)) is longer than the \(SocketListener.longestPath) bytes that the system takes")
            return nil
        }
        return path
    }

    /// A principal with its realm, as the keytab has it.
    fileprivate func servicePrincipal(_ node: Node) -> String? {
        guard let text = line(node) else { return nil }
        guard let principal = try? Principal(parsing: text), principal.realm != nil else {
            let example = "authorizer/host.example.com@EXAMPLE.COM"
            report(node, "\(quoted(text)) is no principal with a realm, such as `\(example)`")
            return nil
        }
        return text
    }

    fileprivate func word<Word: RawRepresentable & CaseIterable>(_ node: Node, as _: Word.Type) -> Word?
    where Word.RawValue == String {
        guard let text = text(node) else { return nil }
        guard let word = Word(rawValue: text) else {
            let known = Word.allCases.map { quoted($0.rawValue) }.joined(separator: ", ")
            report(node, "\(quoted(text)) is none of \(known)")
            return nil
        }
        return word
    }

    func number(_ node: Node, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(node) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            report(node, "\(quoted(text)) is no number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// Hours, or `never`. `nil` in the outer sense if it is neither.
    fileprivate func compression(_ node: Node) -> SegmentCompression?? {
        if node.string == "never" { return .some(nil) }
        return number(node, in: 0...8_760).map { SegmentCompression(hours: $0) }
    }

    /// Permission bits, written as in `chmod`: 0660.
    fileprivate func mode(_ node: Node) -> UInt32? {
        guard let text = text(node) else { return nil }
        guard let mode = UInt32(text, radix: 8), mode <= 0o777 else {
            report(node, "\(quoted(text)) are no permission bits; write them as in `chmod`, such as 0660")
            return nil
        }
        return mode
    }

    /// A user of this system, by name or number.
    fileprivate func userID(_ node: Node) -> UInt32? {
        guard let text = text(node) else { return nil }
        if let number = UInt32(text) { return number }
        guard let entry = getpwnam(text) else {
            report(node, "this system has no user \(quoted(text)); make it, or write a uid")
            return nil
        }
        return entry.pointee.pw_uid
    }

    /// A group of this system, by name or number.
    fileprivate func groupID(_ node: Node) -> UInt32? {
        guard let text = text(node) else { return nil }
        if let number = UInt32(text) { return number }
        guard let entry = getgrnam(text) else {
            report(node, "this system has no group \(quoted(text)); make it, or write a gid")
            return nil
        }
        return entry.pointee.gr_gid
    }
}
