/// What the catalogue says of one file: the ground of rules 11 and 12.
package enum CatalogueFinding: Sendable, Equatable {
    /// The last crawl saw the file, and the data source's credential can read it.
    case readable
    /// The last crawl saw the file, and the data source's credential cannot read it.
    case notReadable
    /// The last crawl did not see the file.
    case unseen
    /// The data source has not been crawled yet.
    case notCrawled
}

/// The files of one data source as its last crawls found them. Immutable; replaced as a whole by every crawl.
package final class DataSourceFiles: Sendable {
    /// A crawl of a few directories is put on top of what was known; at this part of it both are made one.
    private static let mostOnTop = 8

    /// What the last whole crawl found.
    private let all: FileTable
    /// What crawls of single directories found since.
    private let recent: FileTable

    package init(_ all: FileTable) {
        self.all = all
        recent = .empty
    }

    private init(all: FileTable, recent: FileTable) {
        self.all = all
        self.recent = recent
    }

    /// What is known after a crawl of a part.
    ///
    /// - Parameter change: every file of the part, and those that are gone from it.
    package func updated(by change: FileTable) -> DataSourceFiles {
        let recent = recent.updated(by: change)
        guard recent.count > all.count / Self.mostOnTop else { return DataSourceFiles(all: all, recent: recent) }
        return DataSourceFiles(all.updated(by: recent))
    }

    /// - Parameter path: absolute and canonical.
    package func lookUp(_ path: borrowing Span<UInt8>) -> CatalogueFinding {
        let wanted = FileTable.fingerprint(path)
        let found = recent.find(wanted) ?? all.find(wanted)
        return switch found?.state {
        case .readable: .readable
        case .notReadable: .notReadable
        case .gone, nil: .unseen
        }
    }

    /// Bytes of memory.
    package var byteCount: Int { all.byteCount + recent.byteCount }
}

/// The catalogue of all data sources, for deciding: a value that is read without a lock and replaced as a whole.
package struct CatalogueView: Sendable {
    /// By the id of the data source in the policy store.
    package var dataSources: [UInt32: DataSourceFiles]

    package init(_ dataSources: [UInt32: DataSourceFiles] = [:]) {
        self.dataSources = dataSources
    }

    /// - Parameters:
    ///   - dataSource: its id in the policy store.
    ///   - path: absolute and canonical.
    package func lookUp(dataSource: UInt32, path: borrowing Span<UInt8>) -> CatalogueFinding {
        guard let files = dataSources[dataSource] else { return .notCrawled }
        return files.lookUp(path)
    }
}
