import Testing

@testable import Crawling

@Suite struct CrawlRecordDecoderTests {
    private var records: RecordBytes {
        var records = RecordBytes()
        records.add(["/d": ["a\nb": TreeFile(), "💾": TreeFile(isReadable: false)]], from: "/d")
        records.addUnlisted("/closed", .closed)
        records.addEnd()
        return records
    }

    @Test func recordsComeTheSameHoweverTheBytesAreCut() throws {
        let bytes = records.bytes
        let whole = try decode([bytes])
        #expect(whole.count == 8)
        for cut in bytes.indices {
            #expect(try decode([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole)
        }
    }

    @Test func namesKeepTheirBytes() throws {
        let words = try decode([records.bytes])
        #expect(words.contains { $0.contains("\(Array("a\nb".utf8))") })
        #expect(words.contains { $0.contains("\(Array("💾".utf8))") })
    }

    @Test(arguments: [
        [UInt8(0), 0, 0, 0, 0], [11, 0, 0, 0, 0], [6, 0, 0, 0, 3, 1, 2, 3], [6, 0, 0, 0, 5, 1, 2, 3, 4, 5],
        [4, 255, 255, 255, 255], [7, 0, 0, 0, 4, 0, 0, 0, 9], [10, 0, 0, 0, 5, 9, 0, 0, 0, 0],
        [1, 0, 0, 0, 4, 0, 0, 0, 2],
    ])
    func whatIsNoRecordIsRefused(bytes: [UInt8]) {
        #expect(throws: CrawlFailure.self) { try decode([bytes]) }
    }

    private func decode(_ pieces: [[UInt8]]) throws -> [String] {
        var decoder = CrawlRecordDecoder()
        var words: [String] = []
        for piece in pieces {
            piece.withUnsafeBytes { decoder.append($0) }
            while let record = try decoder.next() { words.append("\(record)") }
        }
        #expect(!decoder.isInsideRecord)
        return words
    }
}
