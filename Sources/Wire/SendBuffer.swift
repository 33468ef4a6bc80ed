import Decision
import NIOCore

/// Frames that wait to be sent, in memory of their own that is used again and again.
///
/// A `ByteBuffer` checks at every write who else may be looking; an answer is written field by field and should pay for
/// its bytes only.
package struct SendBuffer: ~Copyable {
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    /// Bytes held.
    package private(set) var count = 0

    package init(capacity: Int = 4_096) {
        self.capacity = capacity
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        memory.deallocate()
    }

    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: memory, count: count))
    }

    /// Appends whole frames, written as those that are not sent often are.
    package mutating func append(_ frames: ByteBuffer) {
        frames.withUnsafeReadableBytes { bytes in
            reserve(bytes.count)
            if let start = bytes.baseAddress { (memory + count).copyMemory(from: start, byteCount: bytes.count) }
            count += bytes.count
        }
    }

    /// Forgets everything, and gives memory back beyond what a connection may keep.
    package mutating func removeAll(keeping kept: Int) {
        count = 0
        guard capacity > kept else { return }
        memory.deallocate()
        capacity = 4_096
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    // MARK: Answers

    /// Begins an `answers` frame.
    ///
    /// - Returns: the place of the frame, for ``endFrame(at:)``.
    package mutating func beginAnswers(_ request: RequestID, count questions: UInt16) -> Int {
        reserve(Self.answersHeader)
        let start = count
        (memory + start).storeBytes(of: FrameType.answers.rawValue, toByteOffset: 4, as: UInt8.self)
        (memory + start).storeBytes(of: request.bigEndian, toByteOffset: 5, as: RequestID.self)
        (memory + start).storeBytes(of: questions.bigEndian, toByteOffset: 9, as: UInt16.self)
        count += Self.answersHeader
        return start
    }

    /// Appends one answer of an `answers` frame. Texts beyond 65,535 bytes are cut off.
    ///
    /// - Parameters:
    ///   - age: milliseconds since a cached decision was made.
    ///   - dataSource, message: UTF-8.
    /// - Returns: where it begins, for ``refuse(answerAt:because:)``.
    @discardableResult
    package mutating func appendAnswer(
        _ verdict: Verdict, _ reason: Reason, flags: AnswerFlags, policyVersion: UInt64, age: UInt32,
        dataSource: borrowing Span<UInt8>, message: borrowing Span<UInt8>
    ) -> Int {
        let start = count
        reserve(Self.answerHead + 2 + dataSource.count + 2 + message.count)
        let place = memory + start
        place.storeBytes(of: verdict.rawValue, as: UInt8.self)
        place.storeBytes(of: reason.rawValue, toByteOffset: 1, as: UInt8.self)
        place.storeBytes(of: flags.rawValue, toByteOffset: 2, as: UInt8.self)
        place.storeBytes(of: 0, toByteOffset: 3, as: UInt8.self)
        place.storeBytes(of: policyVersion.bigEndian, toByteOffset: 4, as: UInt64.self)
        place.storeBytes(of: age.bigEndian, toByteOffset: 12, as: UInt32.self)
        count += Self.answerHead
        appendStr(dataSource)
        appendStr(message)
        return start
    }

    /// Closes the frame that was begun at a place: everything since belongs to it.
    package mutating func endFrame(at start: Int) {
        (memory + start).storeBytes(of: UInt32(count - start - 4).bigEndian, as: UInt32.self)
    }

    /// Turns an answer into a denial, unless it is one already.
    package mutating func refuse(answerAt place: Int, because reason: Reason) {
        precondition(place + Self.answerHead <= count)
        guard memory.load(fromByteOffset: place, as: UInt8.self) != Verdict.deny.rawValue else { return }
        memory.storeBytes(of: Verdict.deny.rawValue, toByteOffset: place, as: UInt8.self)
        memory.storeBytes(of: reason.rawValue, toByteOffset: place + 1, as: UInt8.self)
    }

    /// Puts other frames in the place of one.
    package mutating func replace(frameAt place: Int, with frames: ByteBuffer) {
        let rest = place + 4 + Int(UInt32(bigEndian: memory.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
        precondition(rest <= count)
        let after = ByteBuffer(bytes: UnsafeRawBufferPointer(start: memory + rest, count: count - rest))
        count = place
        append(frames)
        append(after)
    }

    /// Length, type, request id and the number of answers.
    private static let answersHeader = 4 + 1 + 4 + 2
    /// An answer without its texts.
    private static let answerHead = 16

    private mutating func appendStr(_ text: borrowing Span<UInt8>) {
        let length = Self.wholeCharacters(text)
        (memory + count).storeBytes(of: UInt16(length).bigEndian, as: UInt16.self)
        text.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { (memory + count + 2).copyMemory(from: start, byteCount: length) }
        }
        count += 2 + length
    }

    /// How many bytes of a text are as many whole characters as a `str` has room for.
    private static func wholeCharacters(_ text: borrowing Span<UInt8>) -> Int {
        guard text.count > UInt16.max else { return text.count }
        var length = Int(UInt16.max)
        while length > 0, UTF8.isContinuation(text[length]) { length -= 1 }
        return length
    }

    private mutating func reserve(_ bytes: Int) {
        guard count + bytes > capacity else { return }
        capacity = max(capacity * 2, count + bytes)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: memory, byteCount: count)
        memory.deallocate()
        memory = larger
    }
}
