/// Which crawls wait, which run, and which begin next: one at a time for each data source.
///
/// Does nothing itself: it says what is to be done.
struct CrawlQueue {
    struct Entry: Equatable {
        var id: Int64
        var dataSource: UInt32
        var scope: CrawlScope
        var notBefore: Int64
    }

    /// What came of asking for a crawl.
    enum Admission: Equatable {
        /// There is one that does it all and has not begun, or that runs and the caller is content with.
        case joined(Int64)
        /// It is to be queued: call ``CrawlQueue/add(_:)``.
        case new
    }

    /// Most crawls that run at the same time.
    let mostRunning: Int
    private(set) var waiting: [Entry] = []
    private(set) var running: [Entry] = []

    init(mostRunning: Int) {
        self.mostRunning = mostRunning
    }

    /// - Parameter joinsRunning: whether a crawl that has begun is as good. It may have passed what has changed since.
    func admission(dataSource: UInt32, scope: CrawlScope, joinsRunning: Bool) -> Admission {
        let candidates = waiting + (joinsRunning ? running : [])
        guard let same = candidates.first(where: { $0.dataSource == dataSource && $0.scope.contains(scope) })
        else { return .new }
        return .joined(same.id)
    }

    mutating func add(_ entry: Entry) {
        waiting.append(entry)
    }

    /// Makes a waiting crawl begin as soon as it can.
    mutating func hurry(_ id: Int64) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting[index].notBefore = 0
    }

    /// Takes the crawl that begins now; `nil` if none does.
    mutating func next(now: Int64) -> Entry? {
        guard running.count < mostRunning else { return nil }
        let busy = Set(running.map(\.dataSource))
        guard let index = waiting.firstIndex(where: { $0.notBefore <= now && !busy.contains($0.dataSource) })
        else { return nil }
        let entry = waiting.remove(at: index)
        running.append(entry)
        return entry
    }

    mutating func ended(_ id: Int64) {
        running.removeAll { $0.id == id }
    }

    /// Takes a crawl out that has not begun.
    ///
    /// - Returns: whether there was one.
    mutating func withdraw(_ id: Int64) -> Bool {
        let before = waiting.count
        waiting.removeAll { $0.id == id }
        return waiting.count < before
    }

    /// When the next crawl may begin; `nil` if only the end of another can make one begin, or none waits.
    func nextStart() -> Int64? {
        guard running.count < mostRunning else { return nil }
        let busy = Set(running.map(\.dataSource))
        return waiting.filter { !busy.contains($0.dataSource) }.map(\.notBefore).min()
    }
}
