/// What a crawl changed in the catalogue.
package struct CatalogueChange: Sendable, Codable, Equatable {
    /// Files of one kind of change.
    package struct Kind: Sendable, Codable, Equatable {
        /// How many.
        package var count: UInt64 = 0
        /// The paths of the first of them, at most ``CatalogueChange/mostExamples``.
        package var examples: [String] = []

        package init() {}
    }

    package static let mostExamples = 20

    package var added = Kind()
    package var gone = Kind()
    /// Files of another size, modification time, owner, group or mode than before.
    package var changed = Kind()
    /// Files that were there before and could not be read by the data source's credential.
    package var newlyReadable = Kind()
    /// Files that are still there and cannot be read by the data source's credential any more.
    package var noLongerReadable = Kind()

    /// By how many more files are readable than before.
    package var readableMore: Int64 = 0

    package init() {}

    /// Whether files that were readable are not any more, or are gone.
    package var takesAway: Bool { gone.count > 0 || noLongerReadable.count > 0 }

    package var words: String {
        """
        \(added.count) added, \(gone.count) gone, \(changed.count) changed, \(newlyReadable.count) newly readable, \
        \(noLongerReadable.count) no longer readable
        """
    }
}
