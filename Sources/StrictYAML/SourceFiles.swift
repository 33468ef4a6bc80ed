import Foundation

/// Finds and reads policy files. The only part of this target that touches a file system.
package enum SourceFiles {
    /// The largest policy file that is read, in bytes. The size is looked at before the file is.
    package static let maximumBytes = 16 * 1024 * 1024

    /// Reads files and directories of files.
    ///
    /// Of a directory every `.yaml` and `.yml` below it is read, in the order of their paths. Names that begin with a
    /// dot are passed over. Symbolic links are followed; what is reached twice is read once.
    ///
    /// - Parameter paths: Files and directories, absolute or relative to the working directory. A file that is named
    ///   is read whatever its extension.
    /// - Returns: The files in the order of `paths`, named as `paths` leads to them.
    /// - Throws: a problem for every path that cannot be read, is no regular file, is too large, or is a directory
    ///   without a policy file.
    package static func load(_ paths: [String]) throws(DocumentErrors) -> [SourceFile] {
        let problems = ProblemCollector()
        var walk = Walk(problems: problems)
        for path in paths { walk.visit(path) }
        try problems.throwIfAny()
        return walk.files
    }

    package static func tooLarge(bytes: Int) -> String {
        "the file has \(bytes) bytes and a file may have \(maximumBytes); split it into several files"
    }
}

/// One walk over the paths that an administrator gave.
private struct Walk {
    private struct Identity: Hashable {
        var device: dev_t
        var inode: ino_t
    }

    package let problems: ProblemCollector
    private(set) var files: [SourceFile] = []
    private var seen: Set<Identity> = []
    /// How many policy files were met, read now or before, or could not be looked for.
    private var met = 0

    package init(problems: ProblemCollector) {
        self.problems = problems
    }

    package mutating func visit(_ path: String) {
        guard let status = status(of: path) else { return }
        guard isDirectory(status) else { return read(path, status) }
        let before = met
        enter(path, status)
        if met == before {
            problems.report(at: .file(path), "the directory holds no `.yaml` or `.yml` file; name another one")
        }
    }

    private mutating func enter(_ directory: String, _ status: stat) {
        guard isNew(status) else {
            met += 1
            return
        }
        do {
            for name in try FileManager.default.contentsOfDirectory(atPath: directory).sorted() {
                visit(name, in: directory)
            }
        } catch {
            met += 1
            problems.report(at: .file(directory), "the directory cannot be listed; check its permissions")
        }
    }

    private mutating func visit(_ name: String, in directory: String) {
        guard !name.hasPrefix(".") else { return }
        let path = directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
        let isPolicyFile = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
        guard let status = status(of: path, mustExist: isPolicyFile) else { return }
        if isDirectory(status) { return enter(path, status) }
        if isPolicyFile { read(path, status) }
    }

    private mutating func read(_ path: String, _ status: stat) {
        met += 1
        guard isNew(status) else { return }
        guard status.st_mode & S_IFMT == S_IFREG else {
            return problems.report(at: .file(path), "not a regular file; name a file or a directory of files")
        }
        guard status.st_size <= SourceFiles.maximumBytes else {
            return problems.report(at: .file(path), SourceFiles.tooLarge(bytes: Int(status.st_size)))
        }
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            // One byte more than allowed tells a file that has grown since.
            let bytes = try handle.read(upToCount: SourceFiles.maximumBytes + 1) ?? Data()
            files.append(SourceFile(name: path, bytes: Array(bytes)))
        } catch {
            problems.report(at: .file(path), "the file cannot be read; check its permissions")
        }
    }

    /// - Returns: `nil` when there is nothing at the path; reported if something had to be.
    private func status(of path: String, mustExist: Bool = true) -> stat? {
        var status = stat()
        if stat(path, &status) == 0 { return status }
        let reason = String(cString: strerror(errno)).lowercased()
        if mustExist { problems.report(at: .file(path), "the file cannot be read: \(reason)") }
        return nil
    }

    private func isDirectory(_ status: stat) -> Bool {
        status.st_mode & S_IFMT == S_IFDIR
    }

    private mutating func isNew(_ status: stat) -> Bool {
        seen.insert(Identity(device: status.st_dev, inode: status.st_ino)).inserted
    }
}
