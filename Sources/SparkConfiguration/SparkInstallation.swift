import Foundation
import Wording

/// What is wrong with an installed Spark, or with what was said about it; in words that say what to do.
package struct SparkFault: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A Spark as it is installed. It is known by its files; nothing of it is run.
package struct SparkInstallation: Equatable, Sendable {
    /// Its directory, absolute: the one that holds `jars` and `bin`.
    package let home: String
    /// As its makers call it, such as `3.5.8` or `3.5.1.3.3.7190.0-91`.
    package let version: String
    /// The version of Scala, such as `2.12`.
    package let scala: String
    /// Which of the extension's jars it needs.
    package let line: ExtensionLine

    /// The Spark in a directory.
    ///
    /// - Throws: ``SparkFault`` where there is none, more than one, or one that there is no jar for.
    package init(home: String) throws(SparkFault) {
        self.home = home
        let cores = Self.cores(in: home)
        guard let (scala, version) = cores.first else {
            throw SparkFault(
                "\(quoted(home)) holds no Spark: there is no `spark-core_*.jar` in its directory `jars`; "
                    + "say with --spark-home where Spark is")
        }
        guard cores.count == 1 else {
            throw SparkFault(
                "\(quoted("\(home)/jars")) holds \(cores.count) jars `spark-core`, of \(cores.map(\.version).joined(separator: " and "))"
                    + "; leave that of one version there")
        }
        if let released = Self.released(in: home), released != version {
            throw SparkFault(
                "the file RELEASE in \(quoted(home)) says Spark \(released), and the jars are of \(version); "
                    + "install one of them anew")
        }
        guard let line = ExtensionLine(spark: version, scala: scala) else {
            throw SparkFault(
                "Spark \(version) with Scala \(scala) in \(quoted(home)) is not supported: there is a jar for "
                    + "Spark 3.4 to 3.5 with Scala 2.12, and one for Spark 4.0 to 4.3 with Scala 2.13")
        }
        (self.version, self.scala, self.line) = (version, scala, line)
    }

    /// The Spark that a shell would start: of `$SPARK_HOME`; else of the first `spark-submit` in `$PATH`; else the
    /// `pyspark` that is installed for the first `python3` in `$PATH`.
    ///
    /// - Parameter environment: of the shell.
    /// - Throws: ``SparkFault``.
    package static func find(environment: [String: String]) throws(SparkFault) -> SparkInstallation {
        if let home = environment["SPARK_HOME"], !home.isEmpty { return try SparkInstallation(home: home) }
        let path = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let (submit, python) = (first("spark-submit", in: path), first("python3", in: path))
        if let submit {
            let home = parent(of: parent(of: resolved(submit)))
            if !cores(in: home).isEmpty { return try SparkInstallation(home: home) }
        }
        for program in [submit, python].compactMap({ $0 }) {
            let found = packages(of: program, home: environment["HOME"]).filter { !cores(in: $0).isEmpty }
            guard found.count <= 1 else {
                throw SparkFault(
                    "there is more than one Spark: \(found.map(quoted).joined(separator: " and ")); "
                        + "say with --spark-home which")
            }
            if let home = found.first { return try SparkInstallation(home: home) }
        }
        throw SparkFault(
            "no Spark found: $SPARK_HOME is not set, there is no Spark around a `spark-submit` in $PATH, and no "
                + "`pyspark` for its `python3`; say with --spark-home where Spark is")
    }

    // MARK: Files

    private static func cores(in home: String) -> [(scala: String, version: String)] {
        names(in: "\(home)/jars").sorted().compactMap { name in
            guard let match = name.wholeMatch(of: /spark-core_([0-9.]+)-([0-9][0-9A-Za-z.+_-]*)\.jar/),
                !match.2.hasSuffix("-tests"), !match.2.hasSuffix("-sources")
            else { return nil }
            return (String(match.1), String(match.2))
        }
    }

    /// `Spark 3.5.8 (git revision ...) built for Hadoop 3.3.4`; packages of Python have no such file.
    private static func released(in home: String) -> String? {
        guard let text = try? String(contentsOfFile: "\(home)/RELEASE", encoding: .utf8) else { return nil }
        return text.prefixMatch(of: /Spark ([^ \n]+)/).map { String($0.1) }
    }

    /// Where `pyspark` is for a Python around a program: in a virtual environment, that one's own.
    private static func packages(of program: String, home: String?) -> [String] {
        var roots = [parent(of: parent(of: program)), parent(of: parent(of: resolved(program)))]
        if roots.contains("/usr") { roots.append("/usr/local") }
        if let home { roots.append("\(home)/.local") }
        var found: [String] = []
        for root in roots {
            for python in names(in: "\(root)/lib").sorted() where python.hasPrefix("python3") {
                for kind in ["site-packages", "dist-packages"] {
                    let place = resolved("\(root)/lib/\(python)/\(kind)/pyspark")
                    if !found.contains(place) { found.append(place) }
                }
            }
        }
        return found
    }

    private static func first(_ program: String, in path: [String]) -> String? {
        path.map { "\($0)/\(program)" }.first(where: FileManager.default.isExecutableFile(atPath:))
    }

    private static func names(in directory: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    }

    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    private static func parent(of path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().path
    }
}

/// Versions of Spark that one jar of the extension is for. `docs/spark.md` says which of them are tested.
package enum ExtensionLine: String, CaseIterable, Sendable {
    /// Spark 3.4 and 3.5 with Scala 2.12.
    case spark3 = "3.5"
    /// Spark 4.0 to 4.3 with Scala 2.13.
    case spark4 = "4.3"

    /// - Parameters:
    ///   - spark: may have more parts than two, and others behind them.
    ///   - scala: such as `2.12`.
    init?(spark: String, scala: String) {
        guard let match = spark.prefixMatch(of: /([0-9]+)\.([0-9]+)(?![0-9])/), let minor = Int(match.2) else {
            return nil
        }
        switch (match.1, minor, scala) {
        case ("3", 4...5, "2.12"): self = .spark3
        case ("4", 0...3, "2.13"): self = .spark4
        default: return nil
        }
    }

    package var jarName: String { "authorizer-spark-\(rawValue).jar" }

    /// The version that the tests run with.
    package var testedVersion: String {
        switch self {
        case .spark3: "3.5.8"
        case .spark4: "4.3.0"
        }
    }
}
