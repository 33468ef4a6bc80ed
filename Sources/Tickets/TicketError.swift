import CGSSAPI

/// Why a Kerberos ticket proves nothing, in words. Never holds a byte of a token.
package struct TicketError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

extension TicketError {
    /// What the library says of a call that failed.
    ///
    /// To be made on the thread of the call, before another one: the library keeps the words by thread.
    ///
    /// - Parameter attempt: what failed, as the beginning of a sentence.
    init(_ attempt: String, _ major: OM_uint32, _ minor: OM_uint32) {
        let general = Self.words(of: major, CInt(GSS_C_GSS_CODE))
        let particular = minor == 0 ? "" : Self.words(of: minor, CInt(GSS_C_MECH_CODE))
        let isUnspecified = GSSStatus.fault(major) == GSSStatus.failure
        let said = isUnspecified ? [particular] : [general, particular]
        let words = said.filter { !$0.isEmpty }.joined(separator: ": ")
        self.init("\(attempt): \(words.isEmpty ? general : words)")
    }

    private static func words(of status: OM_uint32, _ kind: CInt) -> String {
        var parts: [String] = []
        var more: OM_uint32 = 0
        repeat {
            var minor: OM_uint32 = 0
            var text = gss_buffer_desc()
            let mechanism = kind == GSS_C_MECH_CODE ? authorizer_kerberos_mechanism() : nil
            guard gss_display_status(&minor, status, kind, mechanism, &more, &text) == GSS_S_COMPLETE else { break }
            parts.append(String(decoding: text.taken(), as: UTF8.self))
        } while more != 0
        return parts.joined(separator: ", ")
    }
}
