/// What a caller context says of Spark applications.
///
/// Spark writes `SPARK_<role>_<application>...`, in which more may follow the application behind `_`, and routers of HDFS
/// put more behind `,`. It is what the client says of itself: it may narrow a grant and never widen it.
package enum SparkCallerContext: Equatable {
    /// It is none of Spark's, or names no application.
    case silent
    case thisApplication
    case another

    /// - Parameters:
    ///   - application: the id of the one that is looked for; not empty.
    package init(_ context: borrowing Span<UInt8>, application: [UInt8]) {
        guard let start = Self.start(context) else {
            self = .silent
            return
        }
        let end = start + application.count
        guard end <= context.count else {
            self = .another
            return
        }
        for index in application.indices where context[start + index] != application[index] {
            self = .another
            return
        }
        let isWhole = end == context.count || context[end] == UInt8(ascii: "_") || context[end] == UInt8(ascii: ",")
        self = isWhole ? .thisApplication : .another
    }

    private static let prefix = Array("SPARK_".utf8)

    /// Where the application begins; `nil` if the context names none.
    private static func start(_ context: borrowing Span<UInt8>) -> Int? {
        guard context.count > prefix.count else { return nil }
        for index in prefix.indices where context[index] != prefix[index] { return nil }
        var place = prefix.count
        while place < context.count, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(context[place]) { place += 1 }
        guard place > prefix.count, place + 1 < context.count, context[place] == UInt8(ascii: "_") else { return nil }
        return place + 1
    }
}
