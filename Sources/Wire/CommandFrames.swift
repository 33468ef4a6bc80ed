import NIOCore

/// What a `result` frame holds.
package enum ResultKind: UInt8, Sendable {
    /// A piece of the result; more follows.
    case piece = 1
    /// The last piece of the result.
    case last = 2
    /// One whole item of a stream.
    case item = 3
}

/// A command's result on its way: written as `result` frames, one at a time.
package struct ResultPieces: Sendable {
    private var rest: ArraySlice<UInt8>
    private let request: RequestID

    package init(_ json: [UInt8], request: RequestID) {
        rest = json[...]
        self.request = request
    }

    /// Writes the next frame.
    ///
    /// - Returns: whether there is another.
    package mutating func writeNext(into buffer: inout ByteBuffer) -> Bool {
        let piece = rest.prefix(ByteBuffer.bytesPerPiece)
        rest = rest.dropFirst(piece.count)
        let kind = rest.isEmpty ? ResultKind.last : .piece
        buffer.writeFrame(.result, request) { body in
            body.writeInteger(kind.rawValue)
            body.writeBytes(piece)
        }
        return !rest.isEmpty
    }
}

extension ByteBuffer {
    static let bytesPerPiece = 512 << 10

    /// Writes a command's JSON document as one or more `command` frames.
    package mutating func writeCommand(_ json: [UInt8], request: RequestID) {
        for (piece, more) in Self.pieces(of: json) {
            writeFrame(.command, request) { body in
                body.writeInteger(UInt8(more ? 1 : 0))
                body.writeBytes(piece)
            }
        }
    }

    /// Writes one item of a stream of results. An item is smaller than a frame.
    package mutating func writeResultItem(_ json: [UInt8], request: RequestID) {
        writeFrame(.result, request) { body in
            body.writeInteger(ResultKind.item.rawValue)
            body.writeBytes(json)
        }
    }

    /// The document cut into pieces that fit a frame, at least one; each with whether more follows.
    private static func pieces(of json: [UInt8]) -> [(ArraySlice<UInt8>, Bool)] {
        var pieces: [(ArraySlice<UInt8>, Bool)] = []
        var start = 0
        repeat {
            let end = min(start + bytesPerPiece, json.count)
            pieces.append((json[start..<end], end < json.count))
            start = end
        } while start < json.count
        return pieces
    }
}
