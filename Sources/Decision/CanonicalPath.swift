/// HDFS paths as the rules see them: absolute, component by component, without `.snapshot/<name>` components.
///
/// Paths are UTF-8 bytes and stay so on the hot path; a `String` of a path costs more than the decision about it.
package enum CanonicalPath {
    static let slash = UInt8(ascii: "/")
    static let dot = UInt8(ascii: ".")

    /// Whether the path needs no work: the case of nearly every question.
    ///
    /// - Returns: `true` for `/` and for an absolute path without empty, `.`, `..`, `.snapshot` or leading `.reserved`
    ///   components, NUL bytes or a trailing slash, whose bytes are UTF-8.
    package static func isCanonical(_ path: borrowing Span<UInt8>) -> Bool {
        let count = path.count
        guard count > 0, path[0] == slash else { return false }
        if count == 1 { return true }
        var start = 1
        var high: UInt8 = 0
        for index in 1..<count {
            let byte = path[index]
            if byte == slash {
                guard isOrdinaryComponent(path, start..<index) else { return false }
                start = index + 1
            }
            if byte == 0 { return false }
            high |= byte
        }
        guard isOrdinaryComponent(path, start..<count) else { return false }
        return high < 0x80 || isUTF8(path)
    }

    /// The canonical form of a path.
    ///
    /// Doubled and trailing slashes go, and so do `.snapshot/<name>` and a leading `/.reserved/raw`: a snapshot or the
    /// raw view of a protected file is as protected as the file.
    ///
    /// - Returns: the canonical path, or `nil` if there is none: the path is relative or empty, holds `.` or `..` (HDFS
    ///   knows no such names, so their meaning would be a guess), NUL or bytes that are not UTF-8, or is below another
    ///   name in `/.reserved`, which only the NameNode can resolve.
    package static func canonical(_ path: borrowing Span<UInt8>) -> [UInt8]? {
        guard path.count > 0, path[0] == slash, isUTF8(path) else { return nil }
        var components: [Range<Int>] = []
        var start = 1
        for index in 1...path.count {
            if index < path.count, path[index] == 0 { return nil }
            guard index == path.count || path[index] == slash else { continue }
            let component = start..<index
            if equals(path, component, ".") || equals(path, component, "..") { return nil }
            if !component.isEmpty { components.append(component) }
            start = index + 1
        }
        if let first = components.first, equals(path, first, ".reserved") {
            guard components.count > 1, equals(path, components[1], "raw") else { return nil }
            components.removeFirst(2)
        }
        var result: [UInt8] = []
        result.reserveCapacity(path.count)
        var position = 0
        while position < components.count {
            let component = components[position]
            position += 1
            if equals(path, component, ".snapshot") {
                position += 1
                continue
            }
            // The root has no child of this name, so that what a snapshot or the raw view would show is none.
            if result.isEmpty, equals(path, component, ".reserved") { return nil }
            result.append(slash)
            for index in component { result.append(path[index]) }
        }
        return result.isEmpty ? [slash] : result
    }

    /// A component that is not empty and is none of the names with a meaning of their own.
    private static func isOrdinaryComponent(_ path: borrowing Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        guard path[range.lowerBound] == dot else { return true }
        if equals(path, range, ".") || equals(path, range, "..") || equals(path, range, ".snapshot") { return false }
        return !(range.lowerBound == 1 && equals(path, range, ".reserved"))
    }

    private static func equals(_ path: borrowing Span<UInt8>, _ range: Range<Int>, _ word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        var offset = 0
        while offset < range.count {
            guard path[range.lowerBound + offset] == word.utf8Start[offset] else { return false }
            offset += 1
        }
        return true
    }

    private static func isUTF8(_ path: borrowing Span<UInt8>) -> Bool {
        (try? UTF8Span(validating: copy path)) != nil
    }
}
