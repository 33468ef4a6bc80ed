import CGSSAPI
import Glibc
import Identity

/// What a service ticket has proved.
package struct AcceptedTicket: Sendable, Equatable {
    /// Whose it is, as libkrb5 writes it.
    package var principal: String
    /// When it ends, in seconds since 1970.
    package var end: Int64
    /// What proves the service to the client: the AP-REP.
    package var reply: [UInt8]
}

/// The service's end of the proof: looks at tickets with the keys of a keytab (`gss_accept_sec_context` of RFC 2744).
package struct TicketAcceptor: Sendable {
    /// The path of a file that holds the keys, read anew for each ticket. Nobody else may be able to read it.
    package let keytab: String
    /// The only principal that tickets may be for. It is taken as it is written: DNS has no part in it.
    package let principal: String
    /// The path of the file of tickets that have been accepted. It outlives the service, so that a restart revives none.
    package let replayCache: String

    package init(keytab: String, principal: String, replayCache: String) {
        self.keytab = keytab
        self.principal = principal
        self.replayCache = replayCache
    }

    /// Whether tickets can be looked at: the keytab is fit for use and has a key of the principal.
    ///
    /// - Throws: ``TicketError``.
    package func check() throws(TicketError) {
        _ = try Credential(self)
    }

    /// Looks at a ticket. Reads and writes files, and may wait for them: not to be called where anybody else waits.
    ///
    /// - Parameters:
    ///   - token: the client's first and only one: an AP-REQ that asks for mutual authentication.
    ///   - challenge: what the client was sent on this connection.
    /// - Throws: ``TicketError``: for another service, from another connection, replayed, expired, not to be decrypted.
    package func accept(_ token: [UInt8], answering challenge: Challenge) throws(TicketError) -> AcceptedTicket {
        let credential = try Credential(self)
        var exchange = Exchange()
        let (major, minor) = exchange.take(token, challenge, credential)
        guard major == GSS_S_COMPLETE else {
            guard major != GSSStatus.continueNeeded else {
                throw TicketError("the ticket has to come in one token, in one round trip")
            }
            guard GSSStatus.fault(major) != GSSStatus.badBindings else { throw Self.notOfThisConnection }
            throw TicketError("the Kerberos ticket is not accepted", major, minor)
        }
        guard exchange.flags & OM_uint32(GSS_C_CHANNEL_BOUND_FLAG) != 0 else { throw Self.notOfThisConnection }
        guard exchange.flags & OM_uint32(GSS_C_MUTUAL_FLAG) != 0 else {
            throw TicketError("the client does not ask who the service is: set mutual authentication")
        }
        guard exchange.flags & OM_uint32(GSS_C_ANON_FLAG) == 0 else {
            throw TicketError("an anonymous ticket proves nobody")
        }
        return AcceptedTicket(
            principal: try exchange.clientPrincipal(), end: try exchange.end(), reply: exchange.reply.taken())
    }

    private static let notOfThisConnection = TicketError(
        "the ticket was not made for this connection: its channel bindings are not the challenge that was sent on it")

    /// The key, for as long as one ticket is looked at.
    private struct Credential: ~Copyable {
        let credential: gss_cred_id_t

        init(_ acceptor: TicketAcceptor) throws(TicketError) {
            do {
                try Keytab.check(acceptor.keytab)
            } catch {
                throw TicketError("\(error)")
            }
            let name = try GSSName(principal: acceptor.principal)
            var credential: gss_cred_id_t?
            var minor: OM_uint32 = 0
            let major = Self.withStore(["keytab": "FILE:\(acceptor.keytab)", "rcache": "file2:\(acceptor.replayCache)"])
            {
                var mechanisms = gss_OID_set_desc(count: 1, elements: authorizer_kerberos_mechanism())
                return gss_acquire_cred_from(
                    &minor, name.name, OM_uint32(GSS_C_INDEFINITE), &mechanisms, gss_cred_usage_t(GSS_C_ACCEPT), $0,
                    &credential, nil, nil)
            }
            guard major == GSS_S_COMPLETE, let credential else {
                throw TicketError(
                    "the keytab `\(acceptor.keytab)` gives no key of `\(acceptor.principal)`", major, minor)
            }
            self.credential = credential
        }

        deinit {
            var (credential, minor): (gss_cred_id_t?, OM_uint32) = (credential, 0)
            gss_release_cred(&minor, &credential)
        }

        /// By MIT's names of what a credential is made from.
        private static func withStore(
            _ values: KeyValuePairs<String, String>, _ body: (UnsafePointer<gss_key_value_set_desc>) -> OM_uint32
        ) -> OM_uint32 {
            let texts = values.map { (key: strdup($0.key)!, value: strdup($0.value)!) }
            defer {
                for text in texts {
                    free(text.key)
                    free(text.value)
                }
            }
            var elements = texts.map { gss_key_value_element_desc(key: $0.key, value: $0.value) }
            return elements.withUnsafeMutableBufferPointer { elements in
                var store = gss_key_value_set_desc(count: OM_uint32(elements.count), elements: elements.baseAddress)
                return body(&store)
            }
        }
    }

    /// One ticket on its way through the library.
    private struct Exchange: ~Copyable {
        private var context: gss_ctx_id_t?
        private var client: gss_name_t?
        var reply = gss_buffer_desc()
        private(set) var flags: OM_uint32 = 0

        mutating func take(
            _ token: [UInt8], _ challenge: Challenge, _ credential: borrowing Credential
        ) -> (major: OM_uint32, minor: OM_uint32) {
            var minor: OM_uint32 = 0
            let held = credential.credential
            let major = token.withBuffer { token in
                challenge.withBindings { bindings in
                    gss_accept_sec_context(
                        &minor, &context, held, &token, bindings, &client, nil, &reply, &flags, nil, nil)
                }
            }
            return (major, minor)
        }

        func clientPrincipal() throws(TicketError) -> String {
            var text = gss_buffer_desc()
            var minor: OM_uint32 = 0
            let major = gss_display_name(&minor, client, &text, nil)
            guard major == GSS_S_COMPLETE else { throw TicketError("the ticket's principal", major, minor) }
            return String(decoding: text.taken(), as: UTF8.self)
        }

        /// The end that the ticket itself says, without the clock skew that the library grants on top. Nothing else can
        /// be asked afterwards.
        mutating func end() throws(TicketError) -> Int64 {
            var exported: UnsafeMutableRawPointer?
            var minor: OM_uint32 = 0
            let major = gss_krb5_export_lucid_sec_context(&minor, &context, 1, &exported)
            guard major == GSS_S_COMPLETE, let exported else { throw TicketError("the ticket's end", major, minor) }
            defer { gss_krb5_free_lucid_sec_context(&minor, exported) }
            return Int64(exported.assumingMemoryBound(to: gss_krb5_lucid_context_v1_t.self).pointee.endtime)
        }

        deinit {
            var (context, client, reply, minor) = (context, client, reply, OM_uint32(0))
            if context != nil { gss_delete_sec_context(&minor, &context, nil) }
            if client != nil { gss_release_name(&minor, &client) }
            gss_release_buffer(&minor, &reply)
        }
    }
}
