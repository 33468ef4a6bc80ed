import Foundation
import Wording

/// What an installed Spark has to be told so that its sessions go by the policies.
package struct SparkSettings: Sendable {
    /// Where `docs/install.md` puts the jars.
    package static let jarDirectory = "/usr/lib/authorizer"
    /// Where sessions look for the service when nothing says otherwise.
    package static let standardSocket = "/run/authorizer/authorizer.sock"

    package struct Line: Equatable, Sendable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            (self.name, self.value) = (name, value)
        }
    }

    /// Properties of Spark, two at least.
    package let lines: [Line]
    /// The extension's jar, absolute, whether it is there or not.
    package let jar: String
    package let isJarThere: Bool
    /// What the reader should know, a sentence each.
    package let warnings: [String]

    /// - Parameters:
    ///   - jar: where the extension's jar is, or is going to be. By default among Spark's own, or in ``jarDirectory``.
    ///   - sockets: of the services of all NameNodes, absolute; empty for the one where sessions look anyway.
    ///   - principals: of these services, in the same order, or one for all, where they are shown Kerberos tickets.
    ///   - servesConnect: whether it is a Spark Connect server, which needs a door.
    ///   - defaults: what Spark is told already. Lists of it stay as they are, with ours behind them.
    /// - Throws: ``SparkFault``.
    package init(
        for spark: SparkInstallation, jar: String? = nil, sockets: [String] = [], principals: [String] = [],
        servesConnect: Bool = false, defaults: SparkDefaults = SparkDefaults()
    ) throws(SparkFault) {
        var warnings: [String] = []
        if spark.version != spark.line.testedVersion {
            warnings.append(
                "Spark \(spark.version) is not one that is tested (\(ExtensionLine.allCases.map(\.testedVersion).joined(separator: ", "))); "
                    + "\(spark.line.jarName) is the jar for it")
        }
        let place = try Self.place(for: spark, jar: jar)
        self.jar = place.jar
        isJarThere = FileManager.default.fileExists(atPath: place.jar)
        if !isJarThere {
            warnings.append(
                "\(quoted(place.jar)) is not there: put the jar for Spark \(spark.line.rawValue) there, or say with --jar where "
                    + "it is")
        }

        func list(_ name: String, with ours: String) -> Line {
            let theirs = defaults.list(name).filter { $0 != ours }
            if !theirs.isEmpty { warnings.append("\(name) names \(theirs.joined(separator: ", ")) already; kept") }
            return Line(name: name, value: (theirs + [ours]).joined(separator: ","))
        }
        var lines = [
            list("spark.sql.extensions", with: "authorizer.spark.AuthorizerExtension"),
            list("spark.plugins", with: "authorizer.spark.AuthorizerPlugin"),
        ]
        if servesConnect {
            guard spark.line == .spark4 else {
                throw SparkFault(
                    "Spark \(spark.version) cannot serve Spark Connect here: what lets clients in exists for Spark 4.0 to 4.3"
                )
            }
            lines.append(list("spark.connect.grpc.interceptor.classes", with: "authorizer.spark.ConnectGuard"))
        }
        if !place.isAmongSparks { lines.append(list("spark.jars", with: place.jar)) }
        for socket in sockets { try Self.check(path: socket) }
        guard principals.count <= 1 || principals.count == sockets.count else {
            throw SparkFault(
                "\(principals.count) service principals for \(sockets.count) sockets: name one for each, in the same order, or "
                    + "one for all")
        }
        for principal in principals { try Self.check(principal: principal) }
        for (name, value, standard) in [
            ("spark.authorizer.socket", sockets, Self.standardSocket),
            ("spark.authorizer.service-principal", principals, nil),
        ] where !value.isEmpty && value.joined(separator: ",") != defaults[name] ?? standard {
            lines.append(Line(name: name, value: value.joined(separator: ",")))
        }
        (self.lines, self.warnings) = (lines, warnings)
    }

    private static func place(
        for spark: SparkInstallation, jar: String?
    ) throws(SparkFault) -> (jar: String, isAmongSparks: Bool) {
        let own = "\(spark.home)/jars"
        for other in ExtensionLine.allCases where other != spark.line {
            for wrong in ["\(own)/\(other.jarName)", jar ?? ""]
            where wrong.hasSuffix("/\(other.jarName)")
                && (wrong == jar || FileManager.default.fileExists(atPath: wrong))
            {
                throw SparkFault(
                    "\(quoted(wrong)) is the jar for another Spark than \(spark.version), which needs \(spark.line.jarName)"
                )
            }
        }
        let amongSparks = "\(own)/\(spark.line.jarName)"
        if let jar {
            try check(path: jar)
            return (jar, jar == amongSparks)
        }
        if FileManager.default.fileExists(atPath: amongSparks) { return (amongSparks, true) }
        return ("\(jarDirectory)/\(spark.line.jarName)", false)
    }

    private static func check(path: String) throws(SparkFault) {
        guard isPlain(path) else {
            throw SparkFault(
                "\(quoted(path)) has a comma, space, quote, dollar sign or backslash in it; choose a plainer path")
        }
    }

    private static func check(principal: String) throws(SparkFault) {
        guard isPlain(principal), principal.contains("@") else {
            throw SparkFault(
                "\(quoted(principal)) is no principal with a realm, such as authorizer/nn1.example.com@EXAMPLE.COM")
        }
    }

    /// Spark separates its lists by commas, and shells their words by spaces.
    private static func isPlain(_ word: String) -> Bool {
        !word.contains { $0 == "," || $0.isWhitespace || "\"'\\$`".contains($0) }
    }
}

/// The properties in a `spark-defaults.conf`.
package struct SparkDefaults: Sendable {
    private var values: [String: String] = [:]

    package init() {}

    /// - Parameter text: of the file, as Java's properties are written. Later lines count.
    package init(_ text: String) {
        var start = ""
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let whole = start + line.drop(while: \.isWhitespace)
            if whole.isEmpty || whole.hasPrefix("#") || whole.hasPrefix("!") { continue }
            if whole.hasSuffix("\\") {
                start = String(whole.dropLast())
                continue
            }
            start = ""
            guard let match = whole.wholeMatch(of: /([^\s=:]+)\s*[\s=:]?\s*(.*)/) else { continue }
            values[String(match.1)] = String(match.2.reversed().drop(while: \.isWhitespace).reversed())
        }
    }

    /// What a Spark is told where nothing else is said.
    ///
    /// - Parameter environment: `SPARK_CONF_DIR` names another directory than the `conf` of Spark.
    /// - Throws: ``SparkFault`` where the file cannot be read.
    package init(of spark: SparkInstallation, environment: [String: String]) throws(SparkFault) {
        let directory = environment["SPARK_CONF_DIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(spark.home)/conf"
        let file = "\(directory)/spark-defaults.conf"
        guard FileManager.default.fileExists(atPath: file) else {
            self.init()
            return
        }
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw SparkFault("\(quoted(file)), which may say more, cannot be read; run this as somebody who can")
        }
        self.init(text)
    }

    subscript(name: String) -> String? { values[name] }

    /// The parts of a value that is a list.
    func list(_ name: String) -> [String] {
        (values[name] ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter {
            !$0.isEmpty
        }
    }
}
