import Policy

/// Which data sources cover a path: a trie on path components, laid out in flat tables.
///
/// A look-up costs one probe per path component, whatever the number of data sources. Probing is by the standard
/// library's keyed hash, so that no choice of directory names makes it slow; every hit is verified by its bytes.
package struct Cover: Sendable {
    /// A set of data sources that cover the same directory; equal ids mean the same set.
    package typealias GroupID = UInt32

    /// A covered directory and the set of data sources that covers it.
    package struct Entry: Sendable, Equatable {
        package var path: [UInt8]
        package var group: GroupID
    }

    private struct Edge {
        var parent: UInt32
        var child: UInt32
        var nameStart: UInt32
        var nameCount: UInt32
    }

    private static let none = UInt32.max

    /// The indices of the data sources of each group, in the order in which they were given.
    package private(set) var groups: [[Int]] = []
    /// Covered directories in the order of their bytes.
    package private(set) var entries: [Entry] = []

    private var edges: [Edge] = []
    private var names: [UInt8] = []
    private var slots: [UInt32] = []
    private var groupOfNode: [UInt32] = [none]

    /// - Parameter directories: for each data source, its canonical directories.
    package init(directories: [[String]]) {
        var sources: [[UInt8]: [Int]] = [:]
        for (index, paths) in directories.enumerated() {
            // Compared by their bytes: HDFS has one directory for each spelling that Unicode takes for the same.
            for path in Set(paths.map { Array($0.utf8) }) { sources[path, default: []].append(index) }
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
        slots = Array(repeating: Self.none, count: max(16, (edgeBound * 2).nextPowerOfTwo))
        for entry in entries { insert(entry) }
    }

    /// The group of the deepest covered directory that is the path or above it.
    ///
    /// - Parameter path: canonical.
    /// - Returns: `nil` if nothing covers the path.
    package func group(of path: borrowing Span<UInt8>) -> GroupID? {
        var deepest = groupOfNode[0]
        var node: UInt32 = 0
        var start = 1
        let count = path.count
        while start < count {
            var end = start
            while end < count, path[end] != CanonicalPath.slash { end += 1 }
            guard let child = child(of: node, path, start..<end) else { break }
            node = child
            if groupOfNode[Int(node)] != Self.none { deepest = groupOfNode[Int(node)] }
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
        var node: UInt32 = 0
        var start = 1
        while start < entry.path.count {
            let end = entry.path[start...].firstIndex(of: CanonicalPath.slash) ?? entry.path.count
            node = child(of: node, entry.path.span, start..<end) ?? addChild(of: node, entry.path[start..<end])
            start = end + 1
        }
        groupOfNode[Int(node)] = entry.group
    }

    private mutating func addChild(of parent: UInt32, _ name: ArraySlice<UInt8>) -> UInt32 {
        let child = UInt32(groupOfNode.count)
        groupOfNode.append(Self.none)
        edges.append(
            Edge(parent: parent, child: child, nameStart: UInt32(names.count), nameCount: UInt32(name.count)))
        names.append(contentsOf: name)
        let bytes = Array(name)
        var slot = firstSlot(parent, bytes.span, 0..<bytes.count)
        while slots[slot] != Self.none { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = UInt32(edges.count - 1)
        return child
    }

    @inline(__always)
    private func child(of parent: UInt32, _ path: borrowing Span<UInt8>, _ name: Range<Int>) -> UInt32? {
        var slot = firstSlot(parent, path, name)
        while slots[slot] != Self.none {
            let edge = edges[Int(slots[slot])]
            if edge.parent == parent, isNamed(edge, path, name) { return edge.child }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    @inline(__always)
    private func firstSlot(_ parent: UInt32, _ path: borrowing Span<UInt8>, _ name: Range<Int>) -> Int {
        var hasher = Hasher()
        hasher.combine(parent)
        path.extracting(name).withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize() & (slots.count - 1)
    }

    @inline(__always)
    private func isNamed(_ edge: Edge, _ path: borrowing Span<UInt8>, _ name: Range<Int>) -> Bool {
        guard Int(edge.nameCount) == name.count else { return false }
        let start = Int(edge.nameStart)
        for offset in 0..<name.count where names[start + offset] != path[name.lowerBound + offset] { return false }
        return true
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
