import Decision
import Foundation

/// `cover-bench ROUNDS`: what it costs to find the data source that covers a path, with few data sources and with many.
///
/// Prints a JSON array of rounds: each an object from a row's name to nanoseconds for one look-up.
@main
enum CoverBench {
    private static let sizes = [10, 1_000, 100_000]
    private static let lookUps = 1_000_000

    static func main() throws {
        guard CommandLine.arguments.count == 2, let rounds = Int(CommandLine.arguments[1]), rounds > 0 else {
            FileHandle.standardError.write(Data("usage: cover-bench ROUNDS\n".utf8))
            exit(64)
        }
        let covers = sizes.map { Cover(directories: (0..<$0).map { [directory($0)] }) }
        var measured: [[String: Double]] = []
        for round in 0..<rounds {
            var figures: [String: Double] = [:]
            // What is compared lies close together, and each round begins at the other end.
            for place in round % 2 == 0 ? Array(sizes.indices) : sizes.indices.reversed() {
                let (cover, size) = (covers[place], sizes[place])
                figures["ten \(size)"] = nanoseconds(cover, asked(among: sizes[0]), covered: true)
                figures["all \(size)"] = nanoseconds(cover, asked(among: size), covered: true)
                figures["none \(size)"] = nanoseconds(cover, uncovered(), covered: false)
            }
            measured.append(figures)
        }
        print(String(decoding: try JSONEncoder().encode(measured), as: UTF8.self))
    }

    private static func directory(_ source: Int) -> String { "/warehouse/zone\(source % 100)/source\(source)" }

    /// Files of data sources picked at random.
    private static func asked(among count: Int) -> Paths {
        Paths((0..<100_000).map { _ in "\(directory(Int.random(in: 0..<count)))/day=5/part-00003" })
    }

    /// Files beside those that are covered.
    private static func uncovered() -> Paths {
        Paths((0..<100_000).map { "/warehouse/zone\($0 % 100)/other\($0)/day=5/part-00003" })
    }

    private static func nanoseconds(_ cover: Cover, _ paths: Paths, covered: Bool) -> Double {
        var found = 0
        let start = ContinuousClock.now
        for _ in 0..<lookUps / paths.count { found += paths.found(in: cover) }
        let took = start.duration(to: .now)
        guard found == (covered ? lookUps : 0) else { fatalError("\(found) of \(lookUps) look-ups found something") }
        return took / .nanoseconds(1) / Double(lookUps)
    }
}

/// Paths one after another in one piece of memory, so that reading them costs next to nothing.
private struct Paths {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    init(_ paths: [String]) {
        for path in paths {
            bytes += path.utf8
            ends.append(bytes.count)
        }
    }

    var count: Int { ends.count }

    /// How many of them are covered.
    func found(in cover: Cover) -> Int {
        var (found, start) = (0, 0)
        for end in ends {
            if cover.group(of: bytes.span.extracting(start..<end)) != nil { found += 1 }
            start = end
        }
        return found
    }
}
