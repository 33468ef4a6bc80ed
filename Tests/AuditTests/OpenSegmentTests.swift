import Dispatch
import Foundation
import Glibc
import Synchronization
import Testing

@testable import Audit

@Suite("Zeros ahead of the records")
struct OpenSegmentTests {
    private let folder: TemporaryFolder
    private let disk = ScriptedDisk()

    init() throws {
        folder = try TemporaryFolder()
    }

    private var path: String { "\(folder.path)/segment" }

    private func open(_ content: [UInt8] = [], zerosEnd: Int = 0) throws -> OpenSegment {
        try folder.write(content, to: path)
        return OpenSegment(try disk.open(path), length: content.count, zerosEnd: zerosEnd)
    }

    private func append(_ bytes: [UInt8], to segment: OpenSegment) throws {
        try bytes.withUnsafeBytes { try segment.append($0) }
    }

    @Test func recordsTakeThePlaceOfZeros() throws {
        let segment = try open([1, 2])
        try segment.writeZerosAhead(1_000)
        #expect(segment.room == 1_000)
        try append([3, 4, 5], to: segment)
        #expect(segment.length == 5)
        #expect(segment.room == 997)
        #expect(try folder.bytes(of: path) == [1, 2, 3, 4, 5] + Array(repeating: 0, count: 997))
    }

    @Test func zerosAreWrittenAgainWhenHalfOfThemAreUsed() throws {
        let segment = try open()
        try segment.writeZerosAhead(1_000)
        try append(Array(repeating: 1, count: 500), to: segment)
        try segment.writeZerosAhead(1_000)
        #expect(segment.room == 500)
        try append([1], to: segment)
        try segment.writeZerosAhead(1_000)
        #expect(segment.room == 1_000)
    }

    @Test func writerThatOutrunsTheZerosExtendsTheFile() throws {
        let segment = try open()
        try segment.writeZerosAhead(10)
        try append(Array(repeating: 7, count: 25), to: segment)
        #expect(segment.room == 0)
        try segment.writeZerosAhead(10)
        #expect(try folder.bytes(of: path) == Array(repeating: 7, count: 25) + Array(repeating: 0, count: 10))
    }

    @Test func segmentThatGetsNoMoreRecordsIsCutToItsLength() throws {
        let segment = try open([1])
        try segment.writeZerosAhead(100)
        try segment.dropZeros()
        #expect(try folder.bytes(of: path) == [1])
    }

    /// How much of five bytes is written, where so many of zeros were ahead.
    @Test(arguments: [(0, 3), (3, 2), (3, 4), (5, 3), (9, 3)])
    func nothingOfAFailedWriteStays(zeros: Int, written: Int) throws {
        let segment = try open([1])
        if zeros > 0 { try segment.writeZerosAhead(zeros) }
        disk.next(writes: [.short(written), .failure(ENOSPC)])
        let error = try #require(throws: OpenSegment.AppendError.self) { try append([5, 5, 5, 5, 5], to: segment) }
        #expect(error.cause.code == ENOSPC)
        #expect(error.isTakenBack)
        #expect(try folder.bytes(of: path) == [1] + Array(repeating: 0, count: zeros))
        try append([6], to: segment)
        #expect(try folder.bytes(of: path).prefix(2) == [1, 6])
        #expect(segment.length == 2)
    }

    @Test func fullDiskLeavesTheZerosThatWereThere() throws {
        let segment = try open()
        try segment.writeZerosAhead(600_000)
        try append(Array(repeating: 1, count: 400_000), to: segment)
        disk.next(writes: Array(repeating: .success, count: 60) + [.failure(ENOSPC)])
        #expect(throws: FileError.self) { try segment.writeZerosAhead(600_000) }
        #expect(segment.room >= 200_000)
        try append([1], to: segment)
    }

    /// No zero is ever written over a record, however the two threads meet.
    @Test func writerAndZerosNeverMeet() throws {
        let segment = try open()
        let isDone = Atomic<Bool>(false)
        let ended = DispatchSemaphore(value: 0)
        let zeroing = Thread {
            while !isDone.load(ordering: .acquiring) { try? segment.writeZerosAhead(5_000) }
            ended.signal()
        }
        zeroing.start()
        var expected: [UInt8] = []
        for round in 0..<20_000 {
            let bytes = [UInt8](repeating: UInt8(1 + round % 255), count: 1 + round * 37 % 300)
            try append(bytes, to: segment)
            expected += bytes
        }
        isDone.store(true, ordering: .releasing)
        ended.wait()
        #expect(try Array(folder.bytes(of: path).prefix(expected.count)) == expected)
    }
}
