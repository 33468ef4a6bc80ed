import NIOCore

/// What a watching client is told: what is covered, who is ignored, whom to ask.
package enum CoverEntry: Sendable, Equatable {
    case directory(id: UInt32, path: [UInt8])
    case ignoredUser(String)
    case contact(String)
}

/// A cover, encoded once for all who watch it.
package struct CoverMessage: Sendable, Equatable {
    package let version: UInt64
    package let entries: [CoverEntry]
    private let frames: ByteBuffer
    /// Where in the frames the request ids stand.
    private let requestIndices: [Int]

    /// - Parameter bytesPerFrame: a part is closed once its entries are at least this long; below the greatest frame
    ///   length by more than the longest entry.
    package init(version: UInt64, entries: [CoverEntry], bytesPerFrame: Int = 512 << 10) {
        self.version = version
        self.entries = entries
        var frames = ByteBuffer()
        var indices: [Int] = []
        var next = 0
        repeat {
            indices.append(frames.writerIndex + 5)
            let isFirst = next == 0
            frames.writeFrame(.cover, 0) { body in
                body.writeCoverPart(version, isFirst, entries, from: &next, upTo: max(1, bytesPerFrame))
            }
        } while next < entries.count
        self.frames = frames
        requestIndices = indices
    }

    /// Writes the frames as the answer to a `watch`.
    package func write(into buffer: inout ByteBuffer, request: RequestID) {
        let start = buffer.writerIndex
        buffer.writeImmutableBuffer(frames)
        for index in requestIndices { buffer.setInteger(request, at: start + index) }
    }
}

extension ByteBuffer {
    fileprivate static let coverFirst: UInt8 = 1
    fileprivate static let coverLast: UInt8 = 2

    /// Writes the body of one `cover` frame.
    fileprivate mutating func writeCoverPart(
        _ version: UInt64, _ isFirst: Bool, _ entries: [CoverEntry], from next: inout Int, upTo bytes: Int
    ) {
        writeInteger(version)
        let flagsIndex = writerIndex
        writeInteger(UInt8(0))
        writeInteger(UInt32(0))
        let start = writerIndex
        let firstEntry = next
        while next < entries.count, writerIndex - start < bytes {
            writeCoverEntry(entries[next])
            next += 1
        }
        let flags = (isFirst ? Self.coverFirst : 0) | (next == entries.count ? Self.coverLast : 0)
        setInteger(flags, at: flagsIndex)
        setInteger(UInt32(next - firstEntry), at: flagsIndex + 1)
    }

    private mutating func writeCoverEntry(_ entry: CoverEntry) {
        switch entry {
        case .directory(let id, let path):
            writeInteger(UInt8(1))
            writeInteger(id)
            writeStr(path)
        case .ignoredUser(let name):
            writeInteger(UInt8(2))
            writeStr(name)
        case .contact(let words):
            writeInteger(UInt8(3))
            writeStr(words)
        }
    }

    /// Reads the body of a `cover` frame; `nil` if it is not one.
    package mutating func readCoverPart() -> CoverPart? {
        guard let version = readInteger(as: UInt64.self), let flags = readInteger(as: UInt8.self),
            let count = readInteger(as: UInt32.self)
        else { return nil }
        var entries: [CoverEntry] = []
        for _ in 0..<count {
            guard let entry = readCoverEntry() else { return nil }
            entries.append(entry)
        }
        guard readableBytes == 0 else { return nil }
        return CoverPart(
            version: version, isFirst: flags & Self.coverFirst != 0, isLast: flags & Self.coverLast != 0,
            entries: entries)
    }

    private mutating func readCoverEntry() -> CoverEntry? {
        switch readInteger(as: UInt8.self) {
        case 1:
            guard let id = readInteger(as: UInt32.self), let path = readStrBytes() else { return nil }
            return .directory(id: id, path: Array(path.readableBytesView))
        case 2: return readStr().map(CoverEntry.ignoredUser)
        case 3: return readStr().map(CoverEntry.contact)
        default: return nil
        }
    }

    package mutating func writeCoverTaken(version: UInt64, request: RequestID) {
        writeFrame(.coverTaken, request) { $0.writeInteger(version) }
    }
}

/// The body of one `cover` frame.
package struct CoverPart: Sendable, Equatable {
    package var version: UInt64
    package var isFirst: Bool
    package var isLast: Bool
    package var entries: [CoverEntry]
}
