import Administration
import Audit
import CAllocator
import Catalogue
import Decision
import Foundation
import Glibc
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Storage
import Synchronization
import Tickets

/// `authorizer serve`: everything that has to be opened, joined, and closed again in order.
package struct AuthorizerService: Service {
    private let configuration: ServiceConfiguration
    private let logger: Logger
    private let onListening: @Sendable () -> Void

    /// - Parameter onListening: called once, when peers can connect.
    package init(
        configuration: ServiceConfiguration, logger: Logger, onListening: @escaping @Sendable () -> Void = {}
    ) {
        self.configuration = configuration
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until it is asked to shut down; then answers what was asked, writes the last records, and returns.
    ///
    /// - Throws: whatever keeps the service from starting, in words that say what to do.
    package func run() async throws {
        _ = mallopt(M_ARENA_MAX, Self.mostArenas)
        let store = try Self.openStore(configuration.storePath)
        warnOfIdentity()
        try checkKeytab()
        if configuration.auditExtent != .whole {
            logger.critical(
                "the audit is not whole: this is a benchmark, protect nothing by it",
                metadata: ["audit": "\(configuration.auditExtent.rawValue)"])
        }
        let audit = try AuditTrail(configuration, logger: logger)
        let administrator = Administrator(
            store: store, index: audit.index, auditDirectory: configuration.auditDirectory,
            identity: configuration.identity, settings: configuration.settings, sinkStatus: audit.sinkStatus,
            privacy: audit.privacy)
        // One loop: deciding is one thread's work, so that its state needs no lock and a turn shares one write.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            try await serve(on: group.next(), administrator, audit)
        } catch {
            try? await group.shutdownGracefully()
            try? await administrator.shutDown()
            throw error
        }
        try await group.shutdownGracefully()
        try await administrator.shutDown()
    }

    /// How many heaps the threads share. By default nearly each has one of its own, and what was left free in it by an
    /// apply is of no use to the others.
    private static let mostArenas: CInt = 4

    /// A store that is not there is a disk that is not mounted or a path with a slip more often than a new installation,
    /// and an empty one would take all protection away.
    private static func openStore(_ path: String) throws -> PolicyStore {
        guard FileManager.default.fileExists(atPath: path) else {
            throw StartError(
                """
                there is no policy store at `\(path)`: mount or restore it, or, for a new installation, make an empty \
                one with `authorizer init`
                """)
        }
        return try PolicyStore(path: path)
    }

    /// A keytab that others can read proves nothing, and one without the key lets nobody in: both are told at the start.
    private func checkKeytab() throws {
        guard let kerberos = configuration.kerberos else { return }
        let acceptor = TicketAcceptor(
            keytab: kerberos.keytab, principal: kerberos.servicePrincipal, replayCache: kerberos.replayCache)
        do throws(TicketError) {
            try acceptor.check()
        } catch {
            throw StartError("`kerberos` of the configuration: \(error)")
        }
    }

    private func warnOfIdentity() {
        for warning in configuration.authToLocal.warnings {
            logger.warning("an auth_to_local rule is of no use", metadata: ["rule": "\(warning)"])
        }
        if configuration.defaultRealm == nil {
            logger.warning(
                """
                there is no default realm: principals in policies need one, and the rule DEFAULT applies to none; set \
                `identity.default-realm`
                """)
        }
    }

    private func serve(on loop: any EventLoop, _ administrator: Administrator, _ audit: AuditTrail) async throws {
        let edition = try administrator.currentEdition()
        let grants = try GrantStore(path: configuration.grants.path, boot: BootIdentity.current)
        let crawls = try CrawlDesk(configuration.crawls, logger: logger)
        let catalogue = try await crawls.start(edition.snapshot)
        do {
            try await serve(on: loop, edition, catalogue, administrator, crawls, grants, audit)
        } catch {
            await crawls.stop()
            throw error
        }
        await crawls.stop()
    }

    private func serve(
        on loop: any EventLoop, _ edition: PolicyEdition, _ catalogue: CatalogueView, _ administrator: Administrator,
        _ crawls: CrawlDesk, _ grants: GrantStore, _ audit: AuditTrail
    ) async throws {
        let configuration = configuration
        let logger = logger
        let core = try await loop.submit {
            let journal = try Journal(
                directory: configuration.auditDirectory, bytesPerSegment: configuration.auditSegmentSize,
                secondsPerSegment: configuration.auditSegmentHours * 3_600,
                durability: configuration.auditDurability, indexed: audit.lastKnown, syncing: audit.syncing)
            try audit.index.catchUp(through: journal.last)
            let cache = DecisionCache(
                capacity: configuration.cacheEntries, timeToLive: UInt64(configuration.cacheTimeToLive) * 1_000_000_000)
            let engine = DecisionEngine(
                snapshot: edition.snapshot, cache: cache, identity: configuration.identity, journal: journal,
                auditFailureMode: configuration.auditFailureMode, reporters: try audit.index.reporters(),
                privacy: audit.privacy, recordsAnswers: configuration.auditExtent != .withoutRecords)
            engine.install(catalogue)
            engine.onMiss { crawls.missed($1, of: $0) }
            let core = ServiceCore(
                engine: engine, cover: edition.cover, administrator: administrator, crawls: crawls,
                grants: configuration.grants, grantStore: grants, kerberos: configuration.kerberos, loop: loop,
                logger: logger)
            try core.start()
            return NIOLoopBound(core, eventLoop: loop)
        }.get()
        crawls.tell { event in loop.execute { core.value.take(event) } }
        audit.start {
            loop.execute { core.value.feedFollowers() }
        } onRemoval: { removal in
            loop.execute { core.value.record(removal) }
        } onSyncFailure: { failure, synced in
            loop.execute { core.value.recordSyncFailure(failure, after: synced) }
        }
        defer { audit.stop() }

        let listener = try SocketListener(configuration.socket)
        defer { listener.remove() }
        let channel = try await listen(on: loop, listener, core)
        logger.notice(
            "listening",
            metadata: [
                "socket": "\(configuration.socket.path)", "policy-version": "\(edition.snapshot.version)",
                "data-sources": "\(edition.snapshot.dataSourceCount)", "users": "\(edition.snapshot.userCount)",
            ])
        onListening()
        try? await gracefulShutdown()
        logger.notice("shutting down")
        try await channel.close()
        try await loop.flatSubmit { core.value.shutDown() }.get()
    }

    private func listen(
        on loop: any EventLoop, _ listener: SocketListener, _ core: NIOLoopBound<ServiceCore>
    ) async throws -> any Channel {
        let roles = configuration.roles
        let logger = logger
        return try await ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // A peer's next frames come with the next turn; reading on until nothing is left costs each a system call.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let operations = channel.pipeline.syncOperations
                    let socket = try operations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
                    guard let socket else { throw SocketError("a connection without a socket") }
                    let peer = try Peer(ofSocket: socket)
                    let connection = ServiceConnection(
                        peer: peer, socket: socket, roles: roles.roles(of: peer), service: core.value)
                    try operations.addHandler(connection)
                }.flatMapErrorThrowing { error in
                    logger.error("connection refused", metadata: ["error": "\(error)"])
                    throw error
                }
            }
            .withBoundSocket(listener.descriptor).get()
    }
}

/// Why the service does not start.
package struct StartError: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
