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
    /// Who crawled last, as the NameNode knew it then.
    package let credential: Credential?

    package init(_ all: FileTable, credential: Credential? = nil) {
        self.all = all
        recent = .empty
        self.credential = credential
    }

    private init(all: FileTable, recent: FileTable, credential: Credential?) {
        self.all = all
        self.recent = recent
        self.credential = credential
    }

    /// What is known after a crawl of a part.
    ///
    /// - Parameters:
    ///   - change: every file of the part, and those that are gone from it.
    ///   - credential: who crawled it.
    package func updated(by change: FileTable, credential: Credential? = nil) -> DataSourceFiles {
        let credential = credential ?? self.credential
        let recent = recent.updated(by: change)
        guard recent.count > all.count / Self.mostOnTop else {
            return DataSourceFiles(all: all, recent: recent, credential: credential)
        }
        return DataSourceFiles(all.updated(by: recent), credential: credential)
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

    /// - Parameter path: absolute and canonical.
    /// - Returns: the second in which the file was last changed, in milliseconds since 1970; `nil` if that is unknown.
    package func modificationTime(_ path: borrowing Span<UInt8>) -> Int64? {
        let wanted = FileTable.fingerprint(path)
        guard let found = recent.find(wanted) ?? all.find(wanted), found.state != .gone, found.modificationTime > 0
        else { return nil }
        return Int64(found.modificationTime) * 1_000
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

    /// As ``DataSourceFiles/modificationTime(_:)``.
    package func modificationTime(dataSource: UInt32, path: borrowing Span<UInt8>) -> Int64? {
        dataSources[dataSource]?.modificationTime(path)
    }
}
