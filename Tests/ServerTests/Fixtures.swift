import Audit
import Decision
import Foundation
import Identity
import NIOCore
import Policy
import Synchronization
import Wire

@testable import Server

/// A directory that is gone with the value.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "authorizer-\(UUID())").path
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// A segment whose disk can be full.
final class FillableFile: SegmentFile {
    private let file: SystemSegmentFile
    private let isFull: Mutex<Bool>

    init(path: String, isFull: Bool = false) throws(FileError) {
        file = try SystemSegmentFile(path: path)
        self.isFull = Mutex(isFull)
    }

    var path: String { file.path }
    var isInPlace: Bool { file.isInPlace }

    func fill(_ full: Bool) {
        isFull.withLock { $0 = full }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        if isFull.withLock({ $0 }) { throw FileError(call: "write", path: "segment", code: ENOSPC) }
        return try file.write(bytes, at: offset)
    }

    func truncate(to length: Int) throws(FileError) {
        try file.truncate(to: length)
    }

    func sync() throws(FileError) {
        try file.sync()
    }
}

/// An engine on policies of its own, without a socket: questions go in as frames, answers come out.
struct Bench {
    let directory = TemporaryDirectory()
    let engine: DecisionEngine
    let file: FillableFile

    static let identity = ClusterIdentity(
        rules: try! AuthToLocal(defaultRealm: "EXAMPLE.COM"), principalCase: .sensitive, defaultRealm: "EXAMPLE.COM")

    init(
        auditFailureMode: AuditFailureMode = .deny,
        settings: Settings = Settings(catalogue: .none, contact: "the admins"),
        reporters: [UInt64: UInt64] = [:]
    ) throws {
        let file = try FillableFile(path: "\(directory.path)/segment")
        self.file = file
        let journal = try Journal(directory: directory.path, syncing: Syncing()) { _ in file }
        engine = DecisionEngine(
            snapshot: Self.snapshot(settings: settings), cache: DecisionCache(capacity: 64, timeToLive: .max),
            identity: Self.identity, journal: journal, auditFailureMode: auditFailureMode, reporters: reporters)
    }

    static func snapshot(
        version: UInt64 = 1, settings: Settings = Settings(catalogue: .none), subscribers: Set<String> = ["alice"]
    )
        -> Snapshot
    {
        Snapshot(
            version: version, settings: settings,
            users: [
                (1, 1, User(name: "alice", principal: "alice@EXAMPLE.COM")),
                (2, 1, User(name: "bob", principal: "bob")),
            ],
            dataSources: [
                (
                    1, version,
                    DataSource(
                        name: "sales", kind: .files, directories: ["/data/sales"],
                        subscription: .individuals(users: subscribers, groups: []))
                )
            ],
            ignoredUsers: ["hive"], identity: identity)
    }

    /// Answers the questions of one frame, and whether they may leave as they are.
    func ask(_ questions: Question...) throws -> (answers: [Answer], mayLeave: Bool) {
        var frame = ByteBuffer()
        frame.writeAsk(questions, request: 1)
        var out = Outbox()
        let body = try frame.readFrame()!.body
        try engine.answer(body.readableBytesUInt8Span, request: 1, into: &out)
        let mayLeave = engine.commit()
        if !mayLeave { out.refuseOwed() }
        var bytes = out.frames.withUnsafeBytes { ByteBuffer(bytes: $0) }
        var answers = try bytes.readFrame()!
        return (answers.body.readAnswers()!, mayLeave)
    }
}

extension Question {
    static func read(_ principal: String, _ path: String = "/data/sales/f") -> Question {
        Question(.read, principal: principal, path: path)
    }
}
