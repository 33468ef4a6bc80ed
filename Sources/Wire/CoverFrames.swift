import NIOCore

/// What a watching client is told: what is covered, who is ignored, whom to ask.
package enum CoverEntry: Sendable, Equatable {
    case directory(id: UInt32, path: [UInt8])
    case ignoredUser(String)
    case contact(String)
}

extension ByteBuffer {
    private static let coverFirst: UInt8 = 1
    private static let coverLast: UInt8 = 2

    /// Writes the cover as one or more `cover` frames, each well below the greatest frame length.
    ///
    /// - Parameter bytesPerFrame: a part is closed once its entries are at least this long.
    package mutating func writeCover(
        version: UInt64, entries: [CoverEntry], request: RequestID, bytesPerFrame: Int = 512 << 10
    ) {
        var next = 0
        repeat {
            let isFirst = next == 0
            writeFrame(.cover, request) { body in
                body.writeInteger(version)
                let flagsIndex = body.writerIndex
                body.writeInteger(UInt8(0))
                body.writeInteger(UInt32(0))
                let start = body.writerIndex
                let firstEntry = next
                while next < entries.count, body.writerIndex - start < bytesPerFrame {
                    body.writeCoverEntry(entries[next])
                    next += 1
                }
                let flags = (isFirst ? Self.coverFirst : 0) | (next == entries.count ? Self.coverLast : 0)
                body.setInteger(flags, at: flagsIndex)
                body.setInteger(UInt32(next - firstEntry), at: flagsIndex + 1)
            }
        } while next < entries.count
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
