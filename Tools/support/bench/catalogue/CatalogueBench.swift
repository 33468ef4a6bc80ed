import Catalogue
import Foundation

/// `catalogue-bench ROUNDS`: what it costs to find a file in the catalogue that decisions go by, with few files and
/// with many.
///
/// Prints a JSON object: `bytes`, from a number of files to bytes of memory for each; and `rounds`, each an object from
/// a row's name to nanoseconds for one look-up.
@main
enum CatalogueBench {
    private struct Result: Encodable {
        var bytes: [String: Double]
        var rounds: [[String: Double]]
    }

    private static let dataSource: UInt32 = 1
    private static let sizes = [10_000, 1_000_000, 10_000_000]
    private static let few = 1_000
    private static let filesOfDirectory = 1_000
    private static let asked = 100_000
    private static let lookUps = 1_000_000

    static func main() throws {
        guard CommandLine.arguments.count == 2, let rounds = Int(CommandLine.arguments[1]), rounds > 0 else {
            FileHandle.standardError.write(Data("usage: catalogue-bench ROUNDS\n".utf8))
            exit(64)
        }
        var bytes: [String: Double] = [:]
        let views = sizes.map { size in
            let files = DataSourceFiles(FileTable((0..<size).map(item)))
            bytes["\(size)"] = Double(files.byteCount) / Double(size)
            return CatalogueView([dataSource: files])
        }
        let measured = (0..<rounds).map { round in
            var figures: [String: Double] = [:]
            // What is compared lies close together, and each round begins at the other end.
            for place in round % 2 == 0 ? Array(sizes.indices) : sizes.indices.reversed() {
                let (view, size) = (views[place], sizes[place])
                figures["few \(size)"] = nanoseconds(view, paths(among: few), finding: .readable)
                figures["all \(size)"] = nanoseconds(view, paths(among: size), finding: .readable)
                figures["none \(size)"] = nanoseconds(view, paths(among: size, from: size), finding: .unseen)
            }
            return figures
        }
        print(String(decoding: try JSONEncoder().encode(Result(bytes: bytes, rounds: measured)), as: UTF8.self))
    }

    private static func path(_ file: Int) -> [UInt8] {
        Array("/warehouse/events/day=\(file / filesOfDirectory)/part-\(file % filesOfDirectory)-8a1e4c2d".utf8)
    }

    private static func item(_ file: Int) -> FileTable.Item {
        FileTable.Item(path: path(file).span, state: .readable, modificationTime: 1_700_000_000_000)
    }

    /// Files picked at random, one after another in one piece of memory, so that reading them costs next to nothing.
    private static func paths(among count: Int, from first: Int = 0) -> (bytes: [UInt8], ends: [Int]) {
        var (bytes, ends): ([UInt8], [Int]) = ([], [])
        for _ in 0..<asked {
            bytes += path(first + Int.random(in: 0..<count))
            ends.append(bytes.count)
        }
        return (bytes, ends)
    }

    private static func nanoseconds(
        _ view: CatalogueView, _ paths: (bytes: [UInt8], ends: [Int]), finding wanted: CatalogueFinding
    ) -> Double {
        var found = 0
        let start = ContinuousClock.now
        for _ in 0..<lookUps / asked {
            var first = 0
            for end in paths.ends {
                if view.lookUp(dataSource: dataSource, path: paths.bytes.span.extracting(first..<end)) == wanted {
                    found += 1
                }
                first = end
            }
        }
        let took = start.duration(to: .now)
        guard found == lookUps else { fatalError("\(found) of \(lookUps) look-ups found what is there") }
        return took / .nanoseconds(1) / Double(lookUps)
    }
}
