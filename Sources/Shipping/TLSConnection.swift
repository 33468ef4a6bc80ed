import COpenSSL
import Foundation

/// TLS 1.2 or 1.3 over a ``StreamSocket``, by OpenSSL: what it makes of bytes goes by memory, so that every wait is the
/// socket's and ends with the deadline.
///
/// The other side has to show a certificate for the host's name, or address, from an authority that counts. There is no
/// way to leave that out.
final class TLSConnection: Connection {
    private static let bytesAtOnce = 64 << 10

    private let socket: StreamSocket
    private let target: String
    private let ssl: OpaquePointer
    /// From the socket to OpenSSL, and back. Both belong to `ssl`.
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    /// Shakes hands.
    init(
        _ socket: StreamSocket, _ endpoint: Shipment.Endpoint, _ settings: Shipment.TLS, until deadline: Deadline
    ) throws(SinkError) {
        self.socket = socket
        target = "\(endpoint)"
        let context = try TLSContext(settings)
        guard let ssl = SSL_new(context.pointer), let incoming = BIO_new(BIO_s_mem()),
            let outgoing = BIO_new(BIO_s_mem())
        else { throw SinkError("\(target): OpenSSL has no memory") }
        (self.ssl, self.incoming, self.outgoing) = (ssl, incoming, outgoing)
        SSL_set_bio(ssl, incoming, outgoing)
        try expect(endpoint.host)
        SSL_set_connect_state(ssl)
        while true {
            ERR_clear_error()
            let code = SSL_do_handshake(ssl)
            try flush(until: deadline)
            if code == 1 { return }
            guard SSL_get_error(ssl, code) == SSL_ERROR_WANT_READ else { throw refusal() }
            guard try feed(until: deadline) else {
                throw SinkError("\(target) has ended the connection instead of speaking TLS")
            }
        }
    }

    deinit {
        // So that the other side knows that nothing was cut off.
        ERR_clear_error()
        if SSL_is_init_finished(ssl) == 1 {
            SSL_shutdown(ssl)
            try? flush(until: Deadline(seconds: 0))
        }
        SSL_free(ssl)
    }

    var isOver: Bool {
        // Tickets and new keys come when they like.
        while let bytes = socket.receiveNow(atMost: Self.bytesAtOnce) {
            guard !bytes.isEmpty else { return true }
            BIO_write(incoming, bytes, Int32(bytes.count))
        }
        var byte: UInt8 = 0
        ERR_clear_error()
        let count = SSL_peek(ssl, &byte, 1)
        return count > 0 || SSL_get_error(ssl, count) != SSL_ERROR_WANT_READ
    }

    /// Waits for the other side's word on this side's certificate. In TLS 1.3 that comes after the handshake: a refusal,
    /// or tickets for the next time. Who says nothing within a second is taken to agree.
    func awaitVerdict(until deadline: Deadline) throws(SinkError) {
        guard SSL_version(ssl) > TLS1_2_VERSION else { return }
        let patience = Deadline(seconds: min(1, Double(deadline.milliseconds) / 1_000))
        do throws(SinkError) {
            guard try feed(until: patience) else { throw SinkError("\(target) has ended the connection") }
        } catch {
            guard error.isTimeout else { throw error }
            return
        }
        var byte: UInt8 = 0
        ERR_clear_error()
        let count = SSL_peek(ssl, &byte, 1)
        guard SSL_get_error(ssl, count) == SSL_ERROR_WANT_READ else { throw failure("it does not take the records") }
    }

    var unacknowledged: Int { socket.unacknowledged }

    func send(_ data: Data, until deadline: Deadline) throws(SinkError) {
        var rest = data[...]
        while !rest.isEmpty {
            ERR_clear_error()
            let count = rest.prefix(Self.bytesAtOnce).withUnsafeBytes {
                SSL_write(ssl, $0.baseAddress!, Int32($0.count))
            }
            guard count > 0 else { throw failure("cannot send") }
            rest = rest.dropFirst(Int(count))
            try flush(until: deadline)
        }
    }

    func receive(atMost limit: Int, until deadline: Deadline) throws(SinkError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            ERR_clear_error()
            let count = SSL_read(ssl, &buffer, Int32(limit))
            try flush(until: deadline)
            if count > 0 { return Array(buffer.prefix(Int(count))) }
            switch SSL_get_error(ssl, count) {
            case SSL_ERROR_ZERO_RETURN: return []
            case SSL_ERROR_WANT_READ:
                guard try feed(until: deadline) else { return [] }
            default: throw failure("cannot receive")
            }
        }
    }

    /// Who the other side has to be.
    private func expect(_ host: String) throws(SinkError) {
        let parameters = SSL_get0_param(ssl)
        if X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1 { return }
        X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard X509_VERIFY_PARAM_set1_host(parameters, host, 0) == 1, authorizer_set_server_name(ssl, host) == 1 else {
            throw failure("no name for a certificate")
        }
    }

    /// Sends what OpenSSL wants to be sent.
    private func flush(until deadline: Deadline) throws(SinkError) {
        while BIO_ctrl_pending(outgoing) > 0 {
            var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(outgoing))
            let count = BIO_read(outgoing, &bytes, Int32(bytes.count))
            try socket.send(Data(bytes.prefix(Int(count))), until: deadline)
        }
    }

    /// Waits for bytes and gives them to OpenSSL.
    ///
    /// - Returns: `false` at the end of the connection.
    private func feed(until deadline: Deadline) throws(SinkError) -> Bool {
        let bytes = try socket.receive(atMost: Self.bytesAtOnce, until: deadline)
        guard !bytes.isEmpty else { return false }
        BIO_write(incoming, bytes, Int32(bytes.count))
        return true
    }

    /// Why there was no handshake.
    private func refusal() -> SinkError {
        let code = SSL_get_verify_result(ssl)
        guard code == Int(X509_V_OK) else {
            return SinkError(
                "the certificate of \(target) does not count: \(String(cString: X509_verify_cert_error_string(code)))")
        }
        return failure("no TLS")
    }

    private func failure(_ what: String) -> SinkError { SinkError("\(target): \(what): \(TLSContext.lastError)") }
}

/// What is known before a connection: the authorities that count, and this service's certificate.
private final class TLSContext {
    let pointer: OpaquePointer

    init(_ settings: Shipment.TLS) throws(SinkError) {
        ERR_clear_error()
        guard let pointer = SSL_CTX_new(TLS_client_method()) else { throw SinkError("OpenSSL: \(Self.lastError)") }
        self.pointer = pointer
        guard authorizer_require_tls_1_2(pointer) == 1 else { throw SinkError("OpenSSL: \(Self.lastError)") }
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        let trusts =
            settings.authoritiesFile.map { SSL_CTX_load_verify_file(pointer, $0) }
            ?? SSL_CTX_set_default_verify_paths(pointer)
        try Self.check(trusts, settings.authoritiesFile, "the authorities")
        if let file = settings.certificateFile {
            try Self.check(SSL_CTX_use_certificate_chain_file(pointer, file), file, "the certificate")
        }
        if let file = settings.keyFile {
            try Self.check(SSL_CTX_use_PrivateKey_file(pointer, file, SSL_FILETYPE_PEM), file, "the key")
        }
    }

    deinit {
        SSL_CTX_free(pointer)
    }

    private static func check(_ code: Int32, _ file: String?, _ what: String) throws(SinkError) {
        guard code == 1 else { throw SinkError("\(what) in `\(file ?? "the system")` cannot be used: \(lastError)") }
    }

    /// What OpenSSL said last, in its words.
    static var lastError: String {
        let code = ERR_peek_last_error()
        guard code != 0 else { return "it says nothing" }
        return ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
