/// Cuts the crawler's output into records.
struct CrawlRecordDecoder {
    /// The greatest record: a path and words.
    static let greatestRecord = 1 << 20
    static let version: UInt32 = 1

    private var input: [UInt8] = []
    private var position = 0

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if position > 0 {
            input.removeFirst(position)
            position = 0
        }
        input.append(contentsOf: bytes)
    }

    /// Whether a record has begun and not ended.
    var isInsideRecord: Bool { position < input.count }

    /// The next record; `nil` if it has not come whole yet.
    ///
    /// - Throws: ``CrawlFailure`` if the bytes are no record.
    mutating func next() throws(CrawlFailure) -> CrawlRecord? {
        guard input.count - position >= 5 else { return nil }
        var header = Fields(bytes: input[(position + 1)..<(position + 5)])
        let length = Int(try header.number())
        guard length <= Self.greatestRecord else { throw Fields.malformed("a record of \(length) bytes") }
        guard input.count - position >= 5 + length else { return nil }
        let type = input[position]
        var fields = Fields(bytes: input[(position + 5)..<(position + 5 + length)])
        position += 5 + length
        let record = try Self.record(type, &fields)
        guard fields.bytes.isEmpty else { throw Fields.malformed("bytes are left over in a record of type \(type)") }
        return record
    }

    private static func record(_ type: UInt8, _ fields: inout Fields) throws(CrawlFailure) -> CrawlRecord {
        switch type {
        case 1: return .reader(try reader(&fields))
        case 2:
            return .permission(
                number: try fields.number(),
                FilePermission(
                    owner: try fields.string(), group: try fields.string(), mode: try fields.number(),
                    hasACL: try fields.flag()))
        case 3:
            return .directory(number: try fields.number(), path: try fields.text(), adds: try fields.flag())
        case 4:
            return .file(
                CrawledFile(
                    directory: try fields.number(), name: try fields.text(), size: try fields.wide(),
                    modificationTime: try fields.wide(), permission: try fields.number(),
                    isReadable: try fields.flag()))
        case 5:
            return .subdirectory(
                directory: try fields.number(), name: try fields.text(), permission: try fields.number(),
                modificationTime: try fields.wide())
        case 6: return .directoryEnd(number: try fields.number())
        case 7:
            let path = try fields.text()
            guard let reason = UnlistedReason(rawValue: try fields.octet()) else {
                throw Fields.malformed("an unknown reason")
            }
            return .unlisted(path: path, reason, words: try fields.string())
        case 8:
            return .progress(
                CrawlerProgress(
                    directoriesToGo: try fields.number(), calls: UInt64(bitPattern: try fields.wide()),
                    pace: try fields.number(), trouble: try fields.string()))
        case 9: return .end(calls: UInt64(bitPattern: try fields.wide()))
        case 10:
            guard let kind = CrawlFailure.Kind(rawValue: try fields.octet()) else {
                throw Fields.malformed("an unknown kind of failure")
            }
            return .failure(CrawlFailure(kind, try fields.string()))
        default: throw Fields.malformed("a record of the unknown type \(type)")
        }
    }

    private static func reader(_ fields: inout Fields) throws(CrawlFailure) -> CrawlReader {
        let version = try fields.number()
        guard version == Self.version else {
            throw CrawlFailure(
                .crawler,
                """
                the crawler writes version \(version) and this service reads \(Self.version): install the crawler's \
                jar of the same release as the service
                """)
        }
        let shortName = try fields.string()
        let isSuperuser = try fields.flag()
        var groups: [String] = []
        for _ in 0..<(try fields.number()) { groups.append(try fields.string()) }
        return CrawlReader(shortName: shortName, groups: groups, isSuperuser: isSuperuser)
    }
}

/// The fields of a record, from the front. Integers are big-endian; a text has a length of four bytes.
private struct Fields {
    var bytes: ArraySlice<UInt8>

    mutating func octet() throws(CrawlFailure) -> UInt8 {
        guard let octet = bytes.popFirst() else { throw Self.malformed("a field runs past the record") }
        return octet
    }

    mutating func flag() throws(CrawlFailure) -> Bool {
        let octet = try octet()
        guard octet <= 1 else { throw Self.malformed("a flag of \(octet)") }
        return octet == 1
    }

    mutating func number() throws(CrawlFailure) -> UInt32 {
        UInt32(truncatingIfNeeded: try integer(4))
    }

    mutating func wide() throws(CrawlFailure) -> Int64 {
        Int64(bitPattern: try integer(8))
    }

    mutating func text() throws(CrawlFailure) -> ArraySlice<UInt8> {
        let count = Int(try number())
        guard bytes.count >= count else { throw Self.malformed("a text runs past the record") }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }

    mutating func string() throws(CrawlFailure) -> String {
        String(decoding: try text(), as: UTF8.self)
    }

    private mutating func integer(_ count: Int) throws(CrawlFailure) -> UInt64 {
        guard bytes.count >= count else { throw Self.malformed("a field runs past the record") }
        var value: UInt64 = 0
        for byte in bytes.prefix(count) { value = value << 8 | UInt64(byte) }
        bytes = bytes.dropFirst(count)
        return value
    }

    static func malformed(_ what: String) -> CrawlFailure {
        CrawlFailure(
            .crawler, "the crawler's output cannot be understood: \(what); is something printing to its output?")
    }
}
