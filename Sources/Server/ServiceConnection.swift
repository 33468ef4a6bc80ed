import Audit
import Decision
import Logging
import NIOCore
import Wire

/// One connection of a peer: cuts frames, keeps the order of hello and the rest, and hands questions to the engine.
final class ServiceConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    static let helloDeadline = TimeAmount.seconds(5)

    private enum State {
        case expectingHello
        case open
        case closing
    }

    let peer: Peer
    let roles: Roles
    let service: ServiceCore
    private var state = State.expectingHello
    /// For whom it speaks.
    var proof = ConnectionProof()
    private var proofEnd: Scheduled<Void>?
    /// As the channel's, which takes longer to ask.
    private var isActive = false
    private(set) var clientName = ""
    /// What the peer has asked the audit last, without where to go on.
    var lastAuditQuestion: AuditQuery?
    private var input = ByteBuffer()
    private var output = Outbox()
    private var isInTurn = false
    private var closesAfterSending = false
    private var commands: [RequestID: ByteBuffer] = [:]
    private var helloTimeout: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    /// - Parameter socket: the channel's.
    init(peer: Peer, socket: CInt, roles: Roles, service: ServiceCore) {
        self.peer = peer
        self.roles = roles
        self.service = service
        self.socket = DirectSocket(descriptor: socket)
    }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        isActive = true
        service.connections[ObjectIdentifier(self)] = self
        helloTimeout = context.eventLoop.assumeIsolated().scheduleTask(in: Self.helloDeadline) {
            guard self.state == .expectingHello else { return }
            self.fail(WireError(.helloExpected, "no hello within 5 seconds"), 0)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        helloTimeout?.cancel()
        proofEnd?.cancel()
        state = .closing
        isActive = false
        service.connections[ObjectIdentifier(self)] = nil
        service.watchers.remove(self)
        service.endFollowing(self)
        self.context = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let received = unwrapInboundIn(data)
        receive(received.readableBytesUInt8Span)
        service.turn.finishIfFull()
    }

    /// Takes what has come since the connection was answered last, if anything has. Not to be called while the channel
    /// reads.
    ///
    /// - Parameter space: to receive in.
    func receiveDirectly(in space: UnsafeMutableBufferPointer<UInt8>) {
        guard state == .open, isActive, isSentDirectly else { return }
        let count = socket.receive(into: space)
        if count > 0 { receive(UnsafeBufferPointer(rebasing: space[..<count]).span) }
    }

    private func receive(_ bytes: borrowing Span<UInt8>) {
        guard state != .closing else { return }
        let taken = input.readableBytes == 0 ? answerQuestions(in: bytes) : 0
        guard taken < bytes.count, state != .closing else { return }
        bytes.extracting(taken...).withUnsafeBytes { _ = input.writeBytes($0) }
        takeFrames()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            if state != .closing, input.readableBytes > 0 {
                fail(WireError(.malformedFrame, "the stream ends inside a frame"), 0)
            } else {
                closesAfterSending = true
                joinTurn()
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // A peer that does not take its answers is not read from: what it may make us hold is bounded.
        _ = context.channel.setOption(.autoRead, value: context.channel.isWritable)
        if context.channel.isWritable {
            if !results.isEmpty { joinTurn() }
            service.feedFollowers()
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        service.logger.debug("connection failed", metadata: ["peer": "\(peer)", "error": "\(error)"])
        context.close(promise: nil)
    }

    // MARK: Frames

    /// Answers the frames of questions that come first. Nearly everything that comes is such a frame, alone and whole,
    /// and is answered where it lies.
    ///
    /// - Returns: how many bytes they had. What follows is for ``takeFrames()``.
    private func answerQuestions(in bytes: borrowing Span<UInt8>) -> Int {
        var taken = 0
        while state == .open, roles.contains(.namenode) {
            let rest = bytes.extracting(taken...)
            guard let head = try? FrameHead(rest), head.type == FrameType.ask.rawValue else { break }
            taken += head.frameCount
            do throws(WireError) {
                try answer(rest.extracting(FrameHead.byteCount..<head.frameCount), head.request)
            } catch {
                fail(error, head.request)
            }
        }
        return taken
    }

    private func takeFrames() {
        while state != .closing {
            do throws(WireError) {
                guard let frame = try input.readFrame() else { break }
                try take(frame)
            } catch {
                fail(error, 0)
            }
        }
        if state == .closing { input.clear() } else { input.discardReadBytes() }
    }

    private func take(_ frame: Frame) throws(WireError) {
        if state == .expectingHello { return try takeHello(frame) }
        do throws(WireError) {
            guard let type = frame.known else {
                throw WireError(.unknownType, "\(frame.type) is no frame type that a client sends")
            }
            try take(type, frame)
        } catch {
            fail(error, frame.request)
        }
    }

    private func takeHello(_ frame: Frame) throws(WireError) {
        guard frame.known == .hello else {
            throw WireError(.helloExpected, "the first frame is a hello, not type \(frame.type)")
        }
        var body = frame.body
        let hello = try body.readHello()
        let version = try hello.commonVersion()
        helloTimeout?.cancel()
        state = .open
        clientName = hello.clientName
        service.logger.debug(
            "connected", metadata: ["peer": "\(peer)", "client": "\(clientName)", "roles": "\(roles.words)"])
        let welcome = Welcome(
            version: version, roles: roles, policyVersion: service.engine.snapshot.version, service: ServiceCore.name)
        output.write { $0.writeWelcome(welcome, request: frame.request) }
        joinTurn()
    }

    private func take(_ type: FrameType, _ frame: Frame) throws(WireError) {
        switch type {
        case .ask:
            try require(.namenode, for: "ask")
            try answer(frame.body.readableBytesUInt8Span, frame.request)
        case .ping:
            guard frame.body.readableBytes <= WireLimits.longestPing else {
                throw WireError(.malformedBody, "a ping has at most \(WireLimits.longestPing) bytes")
            }
            output.write { $0.writeFrame(.pong, frame.request) { $0.writeImmutableBuffer(frame.body) } }
            joinTurn()
        case .watch:
            try require(.namenode, for: "watch")
            service.watchers.add(self, request: frame.request)
            sendCover(request: frame.request)
        case .coverTaken:
            try require(.namenode, for: "cover-taken")
            var body = frame.body
            guard let version = body.readInteger(as: UInt64.self) else {
                throw WireError(.malformedBody, "a cover-taken names a cover version")
            }
            service.watchers.took(self, version: version)
        case .report:
            try require(.namenode, for: "report")
            try service.engine.stageReport(frame.body, from: peer)
            output.writeReportTaken(frame.request)
            joinTurn()
        case .command:
            try takeCommand(frame)
        case .prove, .ticket:
            try takeProof(type, frame)
        case .hello:
            throw WireError(.helloExpected, "a second hello")
        case .welcome, .error, .answers, .cover, .reportTaken, .result, .pong, .challenge, .proven:
            throw WireError(.unknownType, "\(type) is sent by the service only")
        }
    }

    private func answer(_ questions: borrowing Span<UInt8>, _ request: RequestID) throws(WireError) {
        try service.engine.answer(questions, request: request, into: &output)
        joinTurn()
    }

    private func takeCommand(_ frame: Frame) throws(WireError) {
        // Every user may give some commands, all of which are short; which one it is, is seen when it is read.
        let isShort = frame.body.readableBytes <= WireLimits.greatestOwnCommand && commands[frame.request] == nil
        if !isShort || frame.body.getInteger(at: frame.body.readerIndex, as: UInt8.self) != 0 {
            try require(.admin, for: "command")
        }
        var body = frame.body
        guard let more = body.readInteger(as: UInt8.self), more <= 1 else {
            throw WireError(.malformedBody, "a command begins with 0 or 1")
        }
        var document = commands.removeValue(forKey: frame.request) ?? ByteBuffer()
        let total = commands.values.reduce(document.readableBytes + body.readableBytes) { $0 + $1.readableBytes }
        guard total <= WireLimits.greatestCommand else {
            throw WireError(.malformedBody, "the commands of a connection have at most 64 MiB together")
        }
        document.writeBuffer(&body)
        if more == 1 {
            commands[frame.request] = document
        } else {
            service.perform(document, request: frame.request, for: self)
        }
    }

    private func require(_ role: Roles, for what: String) throws(WireError) {
        guard !roles.contains(role) else { return }
        let needed = role.words.joined()
        service.engine.stageEvent(.refusal, actor: peer.label, detail: "\(what) needs the role \(needed): \(peer)")
        service.turn.schedule()
        throw WireError(
            .roleRequired,
            "`\(what)` needs the role `\(needed)`, which uid \(peer.userID) does not have; see `roles` in the configuration"
        )
    }

    /// Refuses a command that only administrators may give.
    func refuseCommand(_ request: RequestID) {
        guard state == .open else { return }
        do throws(WireError) {
            try require(.admin, for: "command")
        } catch {
            fail(error, request)
        }
    }

    // MARK: Sending

    private var results: [ResultPieces] = []
    private let socket: DirectSocket
    /// Writes that wait in the channel because the peer does not take them: what follows has to wait behind them.
    private var queuedWrites = 0
    /// Whether the peer takes its answers at once, so that nothing stands in the way of the next.
    private var isSentDirectly: Bool { queuedWrites == 0 && !closesAfterSending }

    /// How many answers wait for their audit records.
    var owedCount: Int { output.owed.count }

    private func joinTurn() {
        guard !isInTurn else { return }
        isInTurn = true
        service.turn.add(self)
    }

    /// Answers with an error.
    func fail(_ error: WireError, _ request: RequestID) {
        if !error.isRefusal { service.engine.countMalformed() }
        service.logger.info("frame refused", metadata: ["peer": "\(peer)", "error": "\(error)"])
        output.write { $0.writeError(error, for: request) }
        if error.code.endsConnection {
            state = .closing
            closesAfterSending = true
        }
        joinTurn()
    }

    /// Adds frames to what is sent with this turn.
    func send(_ write: (inout ByteBuffer) -> Void) {
        output.write(write)
        joinTurn()
    }

    var isOpen: Bool { state == .open }

    /// Ends the connection with the ticket that has proved whom it speaks for.
    func end(in remaining: TimeAmount) {
        proofEnd = context?.eventLoop.assumeIsolated().scheduleTask(in: remaining) {
            guard self.state == .open else { return }
            self.fail(WireError(.proofEnded, "the Kerberos ticket of this connection has ended; connect anew"), 0)
        }
    }

    /// Sends what has been collected.
    ///
    /// - Parameter denyingOwed: the audit records of this turn could not be written: answers that are owed one are
    ///   turned into denials.
    func send(denyingOwed: Bool) {
        isInTurn = false
        if denyingOwed { output.refuseOwed() } else { output.settle() }
        guard let context else { return }
        if !results.isEmpty { writeNextResult() }
        var sent = 0
        if output.frames.count > 0, isSentDirectly, isActive {
            sent = output.frames.withUnsafeBytes(socket.send)
        }
        if sent < output.frames.count || closesAfterSending { queueRest(after: sent, context) }
        output.removeAll()
    }

    /// Leaves to the channel what the peer does not take at once, and the end of the connection.
    private func queueRest(after sent: Int, _ context: ChannelHandlerContext) {
        let rest = output.frames.withUnsafeBytes { ByteBuffer(bytes: $0.dropFirst(sent)) }
        let isLast = closesAfterSending
        queuedWrites += 1
        context.writeAndFlush(wrapOutboundOut(rest)).assumeIsolated().whenComplete { _ in
            self.queuedWrites -= 1
            if isLast { context.close(promise: nil) }
        }
    }

    /// Adds one piece of one result to what is sent, and comes back for the next in another turn, so that a large
    /// result keeps nobody waiting.
    private func writeNextResult() {
        guard isWritable, !results.isEmpty else { return }
        var hasMore = false
        output.write { hasMore = results[0].writeNext(into: &$0) }
        if !hasMore { results.removeFirst() }
        if !results.isEmpty { joinTurn() }
    }

    /// Sends the whole cover as it is now.
    func sendCover(request: RequestID) {
        output.write { service.watchers.cover.write(into: &$0, request: request) }
        joinTurn()
    }

    /// Sends the result of a command, piece by piece, as fast as the peer takes it.
    func sendResult(_ json: [UInt8], request: RequestID) {
        guard state == .open else { return }
        results.append(ResultPieces(json, request: request))
        joinTurn()
    }

    /// Sends one item of a stream of results.
    func sendResultItem(_ json: [UInt8], request: RequestID) {
        guard state == .open else { return }
        output.write { $0.writeResultItem(json, request: request) }
        joinTurn()
    }

    /// Whether the peer takes what it is sent.
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Says that the service is going, after everything that was asked has been answered.
    func sayGoodbye() {
        guard state != .closing else { return }
        output.write { $0.writeError(WireError(.shuttingDown, "the service is shutting down"), for: 0) }
        state = .closing
        closesAfterSending = true
        joinTurn()
    }
}
