import Foundation

/// A directory with files for one test, which goes with it.
final class TemporaryTree {
    let path: String

    init(_ files: [String: String] = [:]) throws {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("spark-conf-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        path = place.resolvingSymlinksInPath().path
        for (name, text) in files { try add(name, text) }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func add(_ name: String, _ text: String = "", isProgram: Bool = false) throws {
        let file = "\(path)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        if isProgram { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file) }
    }
}

extension TemporaryTree {
    /// What is looked at of a Spark.
    static func spark(_ version: String, scala: String) throws -> TemporaryTree {
        try TemporaryTree(["jars/spark-core_\(scala)-\(version).jar": "", "jars/spark-sql_\(scala)-\(version).jar": ""])
    }
}
