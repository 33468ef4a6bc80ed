import Wording

/// The form in which policies name HDFS directories: absolute, component by component, nothing to resolve.
package enum HDFSPath {
    /// The longest path of HDFS: `HdfsServerConstants.MAX_PATH_LENGTH`, counted here in bytes.
    package static let maximumBytes = 8000

    /// - Returns: What keeps a path from being canonical and what to write instead; `nil` for a canonical path.
    package static func fault(in path: String) -> String? {
        guard !path.isEmpty else { return "the path is empty; write an absolute HDFS path such as `/data/sales`" }
        guard path.utf8.count <= maximumBytes else {
            return "the path has \(path.utf8.count) bytes and HDFS allows \(maximumBytes); shorten it"
        }
        guard !path.unicodeScalars.contains(where: isControl) else {
            return "\(quoted(path)) has a control character; remove it"
        }
        guard path.utf8.first == UInt8(ascii: "/") else { return relative(path) }
        guard path != "/" else { return nil }
        let components = path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard components.last?.isEmpty == false else { return "\(quoted(path)) ends with a slash; remove it" }
        return components.lazy.compactMap { fault(of: Substring($0), in: path) }.first
            ?? reserved(components.first.map(Substring.init), in: path)
    }

    private static func relative(_ path: String) -> String {
        guard path.contains("://") else { return "\(quoted(path)) is relative; begin it with `/`" }
        return "\(quoted(path)) names a file system; write the path alone, beginning with `/`"
    }

    private static func fault(of component: Substring, in path: String) -> String? {
        switch component {
        case "": "\(quoted(path)) has two slashes in a row; write one"
        case ".", "..": "\(quoted(path)) has a component \(quoted(String(component))); write the path it leads to"
        case ".snapshot": "\(quoted(path)) is in a snapshot; name the directory itself, its snapshots are protected too"
        case "*", "**": "\(quoted(path)) is a pattern; name the directory, all below it is protected"
        default: nil
        }
    }

    private static func reserved(_ first: Substring?, in path: String) -> String? {
        guard first == ".reserved" else { return nil }
        return "\(quoted(path)) is another name for a file; name the directory as it is listed"
    }
}
