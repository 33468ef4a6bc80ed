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

extension ByteBuffer {
    private static let bytesPerPiece = 512 << 10

    /// Writes a command's JSON document as one or more `command` frames.
    package mutating func writeCommand(_ json: [UInt8], request: RequestID) {
        for (piece, more) in Self.pieces(of: json) {
            writeFrame(.command, request) { body in
                body.writeInteger(UInt8(more ? 1 : 0))
                body.writeBytes(piece)
            }
        }
    }

    /// Writes a command's whole result as one or more `result` frames.
    package mutating func writeResult(_ json: [UInt8], request: RequestID) {
        for (piece, more) in Self.pieces(of: json) {
            writeFrame(.result, request) { body in
                body.writeInteger((more ? ResultKind.piece : .last).rawValue)
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
