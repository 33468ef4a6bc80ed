/// What a crawl is about.
package enum CrawlScope: Sendable, Codable, Equatable {
    /// The data source as a whole.
    case whole
    /// A directory with all below it.
    case subtree(String)
    /// A directory and the files in it, without the directories in it.
    case directory(String)

    /// In words, for logs and lists.
    package var words: String {
        switch self {
        case .whole: "all of it"
        case .subtree(let path): path
        case .directory(let path): "the files of \(path)"
        }
    }

    /// Whether a crawl of this scope does all that one of the other does.
    func contains(_ other: CrawlScope) -> Bool {
        switch (self, other) {
        case (.whole, _): true
        case (.subtree(let path), .subtree(let inner)), (.subtree(let path), .directory(let inner)):
            inner == path || inner.utf8.starts(with: "\(path == "/" ? "" : path)/".utf8)
        case (.directory, .directory): self == other
        default: false
        }
    }
}
