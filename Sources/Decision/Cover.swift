import Policy

/// Which data sources cover a path: a trie on path components, laid out in flat tables.
///
/// A look-up costs one probe per path component, whatever the number of data sources. Probing is by a seeded hash, so
/// that no choice of directory names makes it slow; every hit is verified by its bytes.
package struct Cover: Sendable {
    /// A set of data sources that cover the same directory; equal ids mean the same set.
    package typealias GroupID = UInt32

    /// A covered directory and the set of data sources that covers it.
    package struct Entry: Sendable, Equatable {
        package var path: [UInt8]
        package var group: GroupID
    }

    /// From a directory to one in it.
    private struct Edge {
        var parent: UInt32
        var child: UInt32
        /// Of the child, ``none`` if nothing covers just that directory.
        var group: GroupID
        var nameStart: UInt32
        var nameCount: UInt32
    }

    /// The place of an edge in a table of hashes, beside the half of its hash that tells it from its neighbours.
    private struct Slot {
        var edge: UInt32
        var tag: UInt32
    }

    private static let none = UInt32.max

    /// The indices of the data sources of each group, in the order in which they were given.
    package private(set) var groups: [[Int]] = []
    /// Covered directories in the order of their bytes.
    package private(set) var entries: [Entry] = []

    private var edges: [Edge] = []
    private var names: [UInt8] = []
    private var slots: [Slot] = []
    private var rootGroup = none
    private let hash = SeededHash()

    /// - Parameters:
    ///   - directories: for each data source, its canonical directories.
    ///   - order: the data sources in the order in which a group has them; `nil` for that of their indices.
    package init(directories: [[String]], inOrder order: [Int]? = nil) {
        var sources: [[UInt8]: [Int]] = [:]
        for index in order ?? Array(directories.indices) {
            // Compared by their bytes: HDFS has one directory for each spelling that Unicode takes for the same.
            for path in Set(directories[index].map { Array($0.utf8) }) { sources[path, default: []].append(index) }
        }
        var groupIDs: [[Int]: GroupID] = [:]
        for (path, members) in sources.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let id = groupIDs[members] ?? GroupID(groups.count)
            if Int(id) == groups.count {
                groups.append(members)
                groupIDs[members] = id
            }
            entries.append(Entry(path: path, group: id))
        }
        let edgeBound = entries.reduce(0) { $0 + $1.path.count { $0 == CanonicalPath.slash } }
        slots = Array(repeating: Slot(edge: Self.none, tag: 0), count: max(16, (edgeBound * 2).nextPowerOfTwo))
        for entry in entries { insert(entry) }
        compact()
    }

    /// Makes the table as small as the edges allow: directories that begin alike have far fewer of them than components,
    /// and a small table stays in the processor's caches.
    private mutating func compact() {
        let free = Slot(edge: Self.none, tag: 0)
        slots = Array(repeating: free, count: max(16, (edges.count * 2).nextPowerOfTwo))
        for place in edges.indices { placeEdge(place) }
    }

    private mutating func placeEdge(_ place: Int) {
        let edge = edges[place]
        let name = names[Int(edge.nameStart)..<Int(edge.nameStart + edge.nameCount)]
        let hashed = name.withUnsafeBytes { hash($0, from: UInt64(edge.parent)) }
        var slot = Int(truncatingIfNeeded: hashed) & (slots.count - 1)
        while slots[slot].edge != Self.none { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Slot(edge: UInt32(place), tag: UInt32(truncatingIfNeeded: hashed >> 32))
    }

    /// The group of the deepest covered directory that is the path or above it.
    ///
    /// - Parameter path: canonical.
    /// - Returns: `nil` if nothing covers the path.
    package func group(of path: borrowing Span<UInt8>) -> GroupID? {
        var deepest = rootGroup
        var node: UInt32 = 0
        var start = 1
        let count = path.count
        while start < count {
            var end = start
            while end < count, path[end] != CanonicalPath.slash { end += 1 }
            guard let place = edge(from: node, path, start..<end) else { break }
            node = edges[place].child
            if edges[place].group != Self.none { deepest = edges[place].group }
            start = end + 1
        }
        return deepest == Self.none ? nil : deepest
    }

    /// The covered directories strictly below a path.
    ///
    /// - Parameter path: canonical.
    package func entries(below path: [UInt8]) -> ArraySlice<Entry> {
        let prefix = path == [CanonicalPath.slash] ? path : path + [CanonicalPath.slash]
        let first = entries.partitioningIndex { !$0.path.lexicographicallyPrecedes(prefix) }
        let below = entries[first...].prefix { $0.path.starts(with: prefix) }
        return below.first?.path == path ? below.dropFirst() : below
    }

    private mutating func insert(_ entry: Entry) {
        var place: Int?
        var start = 1
        while start < entry.path.count {
            let end = entry.path[start...].firstIndex(of: CanonicalPath.slash) ?? entry.path.count
            let node = place.map { edges[$0].child } ?? 0
            place = edge(from: node, entry.path.span, start..<end) ?? addEdge(from: node, entry.path[start..<end])
            start = end + 1
        }
        if let place { edges[place].group = entry.group } else { rootGroup = entry.group }
    }

    private mutating func addEdge(from parent: UInt32, _ name: ArraySlice<UInt8>) -> Int {
        let edge = Edge(
            parent: parent, child: UInt32(edges.count + 1), group: Self.none, nameStart: UInt32(names.count),
            nameCount: UInt32(name.count))
        edges.append(edge)
        names.append(contentsOf: name)
        placeEdge(edges.count - 1)
        return edges.count - 1
    }

    @inline(__always)
    private func edge(from parent: UInt32, _ path: borrowing Span<UInt8>, _ name: Range<Int>) -> Int? {
        path.extracting(name).withUnsafeBytes { bytes in
            let hashed = hash(bytes, from: UInt64(parent))
            let tag = UInt32(truncatingIfNeeded: hashed >> 32)
            var slot = Int(truncatingIfNeeded: hashed) & (slots.count - 1)
            while slots[slot].edge != Self.none {
                if slots[slot].tag == tag {
                    let place = Int(slots[slot].edge)
                    if edges[place].parent == parent, isNamed(edges[place], bytes) { return place }
                }
                slot = (slot + 1) & (slots.count - 1)
            }
            return nil
        }
    }

    @inline(__always)
    private func isNamed(_ edge: Edge, _ name: UnsafeRawBufferPointer) -> Bool {
        guard Int(edge.nameCount) == name.count else { return false }
        let start = Int(edge.nameStart)
        return names.withUnsafeBytes { name.hasSameBytes(as: .init(rebasing: $0[start..<start + name.count])) }
    }
}

extension Int {
    /// The least power of two that is not below this positive number.
    var nextPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}

extension Array {
    /// The index of the first element for which the predicate holds, in an array where it holds for a suffix.
    func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
