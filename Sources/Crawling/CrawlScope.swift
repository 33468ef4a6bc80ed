/// What a crawl is about.
package enum CrawlScope: Sendable, Codable, Equatable {
    /// The data source as a whole.
    case whole
    /// A directory with all below it.
    case subtree(String)
    /// Directories and the files in them, without the directories in them.
    case directories([String])

    /// In words, for logs and lists.
    package var words: String {
        switch self {
        case .whole: "all of it"
        case .subtree(let path): path
        case .directories(let paths): "the files in " + paths.joined(separator: ", ")
        }
    }

    /// Whether a crawl of this scope does all that one of the other does.
    func contains(_ other: CrawlScope) -> Bool {
        switch (self, other) {
        case (.whole, _): true
        case (.subtree(let path), .subtree(let inner)): Self.isSame(inner, asOrBelow: path)
        case (.subtree(let path), .directories(let inner)): inner.allSatisfy { Self.isSame($0, asOrBelow: path) }
        case (.directories(let paths), .directories(let inner)):
            Set(paths.map { Array($0.utf8) }).isSuperset(of: inner.map { Array($0.utf8) })
        default: false
        }
    }

    /// Whether directories that are found are crawled too.
    var descends: Bool {
        if case .directories = self { false } else { true }
    }

    /// Whether a path is a directory or lies below it; both canonical. By their bytes: HDFS has one directory for each
    /// spelling that Unicode takes for the same.
    static func isSame(_ path: String, asOrBelow directory: String) -> Bool {
        directory == "/" || path.utf8.elementsEqual(directory.utf8) || path.utf8.starts(with: "\(directory)/".utf8)
    }
}
