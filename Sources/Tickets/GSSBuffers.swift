import CGSSAPI

/// Codes of RFC 2744, section 3.9.1, that C writes as expressions.
enum GSSStatus {
    static let continueNeeded: OM_uint32 = 1
    static let badBindings: OM_uint32 = 4 << 16
    /// Its words say only that the mechanism's code says more.
    static let failure: OM_uint32 = 13 << 16

    /// The part of a code that says what went wrong.
    static func fault(_ major: OM_uint32) -> OM_uint32 { major & 0xFFFF_0000 }
}

extension gss_buffer_desc {
    /// The bytes of a buffer that the library has made, which is given back to it.
    mutating func taken() -> [UInt8] {
        let bytes = [UInt8](UnsafeRawBufferPointer(start: value, count: length))
        var minor: OM_uint32 = 0
        gss_release_buffer(&minor, &self)
        return bytes
    }
}

extension [UInt8] {
    /// These bytes as a buffer that the library reads.
    func withBuffer<Value>(_ body: (inout gss_buffer_desc) -> Value) -> Value {
        withUnsafeBytes { bytes in
            var buffer = gss_buffer_desc(
                length: bytes.count, value: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            return body(&buffer)
        }
    }
}

/// A name as the library has it.
struct GSSName: ~Copyable {
    let name: gss_name_t

    /// - Parameter principal: as libkrb5 writes principals, with its realm.
    init(principal: String) throws(TicketError) {
        var name: gss_name_t?
        var minor: OM_uint32 = 0
        let major = Array(principal.utf8).withBuffer {
            gss_import_name(&minor, &$0, authorizer_principal_name_type(), &name)
        }
        guard major == GSS_S_COMPLETE, let name else {
            throw TicketError("`\(principal)` is no principal", major, minor)
        }
        self.name = name
    }

    deinit {
        var (name, minor): (gss_name_t?, OM_uint32) = (name, 0)
        gss_release_name(&minor, &name)
    }
}

/// What ties a ticket to one connection: random bytes that the service has sent on it, and that the ticket's
/// authenticator has to hold as its channel bindings (RFC 2744, section 3.11; RFC 4121, section 4.1.1.2).
package struct Challenge: Sendable, Equatable {
    package static let byteCount = 32

    package let bytes: [UInt8]

    /// Nobody can guess it.
    package init() {
        var generator = SystemRandomNumberGenerator()
        bytes = (0..<Self.byteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Without addresses, as Java's `ChannelBinding(byte[])` has it.
    func withBindings<Value>(_ body: (gss_channel_bindings_t) -> Value) -> Value {
        bytes.withBuffer { data in
            var bindings = gss_channel_bindings_struct()
            bindings.initiator_addrtype = OM_uint32(GSS_C_AF_NULLADDR)
            bindings.acceptor_addrtype = OM_uint32(GSS_C_AF_NULLADDR)
            bindings.application_data = data
            return body(&bindings)
        }
    }
}
