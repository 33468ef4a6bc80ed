import CGSSAPI

/// A client's end of the proof: a service ticket out of its ticket cache (`gss_init_sec_context` of RFC 2744).
package final class TicketInitiator {
    private let service: GSSName
    private let challenge: Challenge
    private var context: gss_ctx_id_t?
    /// What is sent: an AP-REQ.
    package private(set) var token: [UInt8] = []

    /// Gets the ticket, which may ask the KDC and wait for it.
    ///
    /// - Parameters:
    ///   - principal: the service's, with its realm. It is taken as it is written: DNS has no part in it.
    ///   - challenge: what the service has sent on this connection.
    /// - Throws: ``TicketError``: no ticket cache, an expired ticket, a service that the KDC does not know.
    package init(for principal: String, answering challenge: Challenge) throws(TicketError) {
        service = try GSSName(principal: principal)
        self.challenge = challenge
        guard try step([], "no Kerberos ticket for `\(principal)`") == GSSStatus.continueNeeded else {
            throw TicketError("the Kerberos library does not ask who the service is")
        }
    }

    deinit {
        var minor: OM_uint32 = 0
        if context != nil { gss_delete_sec_context(&minor, &context, nil) }
    }

    /// Makes sure that it was the service that answered.
    ///
    /// - Parameter reply: an AP-REP.
    /// - Throws: ``TicketError`` if it comes from somebody who does not have the service's key.
    package func finish(_ reply: [UInt8]) throws(TicketError) {
        guard try step(reply, "the service has not proved who it is") == GSS_S_COMPLETE else {
            throw TicketError("the service has not proved who it is: it wants more than one round trip")
        }
    }

    private func step(_ input: [UInt8], _ attempt: String) throws(TicketError) -> OM_uint32 {
        var output = gss_buffer_desc()
        var minor: OM_uint32 = 0
        let major = input.withBuffer { input in
            challenge.withBindings { bindings in
                gss_init_sec_context(
                    &minor, nil, &context, service.name, authorizer_kerberos_mechanism(),
                    OM_uint32(GSS_C_MUTUAL_FLAG), 0, bindings, &input, nil, &output, nil, nil)
            }
        }
        let made = output.taken()
        guard GSSStatus.fault(major) == 0 else { throw TicketError(attempt, major, minor) }
        if !made.isEmpty { token = made }
        return major
    }
}
