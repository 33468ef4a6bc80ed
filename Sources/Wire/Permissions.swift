import Catalogue
import NIOCore

/// Who may do what with each component of a path: the last field of some questions.
extension FieldReader {
    /// Passes over the field.
    ///
    /// - Returns: where it lies.
    /// - Throws: ``WireError`` if it is malformed.
    mutating func skipPermissions(_ body: borrowing Span<UInt8>) throws(WireError) -> Range<Int> {
        let start = position
        for _ in 0..<(try readUInt16(body)) {
            _ = try readStr(body)
            _ = try readStr(body)
            guard try readUInt16(body) <= 0o1777 else { throw WireError(.malformedBody, "a mode is at most 01777") }
            for _ in 0..<(try readUInt16(body)) {
                guard InodePermission.Entry.Kind(rawValue: try readUInt8(body)) != nil, try readUInt8(body) <= 7 else {
                    throw WireError(.malformedBody, "an entry of an ACL is a user's or a group's, with three bits")
                }
                _ = try readStr(body)
            }
        }
        return start..<position
    }

    /// Reads the field: the components from `/` to the file.
    ///
    /// - Throws: ``WireError`` if it is malformed.
    package mutating func readPermissions(_ body: borrowing Span<UInt8>) throws(WireError) -> [InodePermission] {
        var inodes: [InodePermission] = []
        for _ in 0..<(try readUInt16(body)) {
            var inode = InodePermission(
                owner: try readBytes(body), group: try readBytes(body), mode: try readUInt16(body))
            for _ in 0..<(try readUInt16(body)) {
                guard let kind = InodePermission.Entry.Kind(rawValue: try readUInt8(body)) else {
                    throw WireError(.malformedBody, "an entry of an ACL is a user's or a group's")
                }
                let permission = UInt16(try readUInt8(body))
                inode.entries.append(.init(kind: kind, name: try readBytes(body), permission: permission))
            }
            inodes.append(inode)
        }
        return inodes
    }

    private mutating func readBytes(_ body: borrowing Span<UInt8>) throws(WireError) -> [UInt8] {
        let range = try readStr(body)
        return range.map { body[$0] }
    }
}

extension ByteBuffer {
    mutating func writePermissions(_ inodes: [InodePermission]) {
        writeInteger(UInt16(inodes.count))
        for inode in inodes {
            writeText(inode.owner)
            writeText(inode.group)
            writeInteger(inode.mode)
            writeInteger(UInt16(inode.entries.count))
            for entry in inode.entries {
                writeInteger(entry.kind.rawValue)
                writeInteger(UInt8(entry.permission))
                writeText(entry.name)
            }
        }
    }

    private mutating func writeText(_ text: [UInt8]) {
        writeInteger(UInt16(text.count))
        writeBytes(text)
    }
}
