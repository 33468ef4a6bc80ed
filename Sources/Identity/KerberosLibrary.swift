import CKerberos
import Synchronization

/// libkrb5, as far as principals go.
///
/// A `krb5_context` serves one thread at a time, so one is shared and guarded by a mutex, never held longer than one
/// call on at most ``Principal/maximumLength`` bytes.
final class KerberosLibrary: Sendable {
    private let context: Mutex<OpaquePointer>

    /// The context of the process, or why libkrb5 could not make it. A missing `krb5.conf` is no reason.
    static let shared = Result<KerberosLibrary, PrincipalError> { () throws(PrincipalError) in try KerberosLibrary() }

    /// - Throws: ``PrincipalError/library(code:message:)`` if libkrb5 cannot be set up, for example because there is a
    ///   `krb5.conf` that may not be read.
    private init() throws(PrincipalError) {
        // Reading and writing principals depends on no setting, so the environment has no say (`KRB5_CONFIG`).
        context = Mutex(try Self.makeContext(using: krb5_init_secure_context))
    }

    deinit {
        context.withLock { krb5_free_context($0) }
    }

    /// Splits a principal with `krb5_parse_name_flags`.
    ///
    /// - Parameter text: A principal without NUL.
    /// - Returns: The components with their escapes undone, and the realm, `nil` if the text names none.
    /// - Throws: ``PrincipalError``.
    func parse(_ text: String) throws(PrincipalError) -> (components: [String], realm: String?) {
        try context.withLock { (context: inout OpaquePointer) throws(PrincipalError) in
            var principal: krb5_principal?
            // libkrb5 gives a missing realm and an empty one the same value; only the first passes with NO_REALM.
            var code = krb5_parse_name_flags(context, text, KRB5_PRINCIPAL_PARSE_NO_REALM, &principal)
            let namesRealm = code == KRB5_PARSE_MALFORMED
            if namesRealm {
                code = krb5_parse_name_flags(context, text, KRB5_PRINCIPAL_PARSE_REQUIRE_REALM, &principal)
            }
            guard code != KRB5_PARSE_MALFORMED else { throw .malformed(text) }
            guard code == 0, let principal else { throw Self.failure(code, in: context) }
            defer { krb5_free_principal(context, principal) }

            let components = UnsafeBufferPointer(start: principal.pointee.data, count: Int(principal.pointee.length))
            return (components.map(String.init), namesRealm ? String(principal.pointee.realm) : nil)
        }
    }

    /// Writes a principal out with `krb5_unparse_name`.
    ///
    /// - Returns: The only text that ``parse(_:)`` reads as these components and this realm and that has no needless
    ///   escapes.
    /// - Throws: ``PrincipalError/library(code:message:)``.
    func unparse(components: [String], realm: String?) throws(PrincipalError) -> String {
        let parts = components + [realm ?? ""]
        var bytes = parts.flatMap { Array($0.utf8CString) }
        return try context.withLock { (context: inout OpaquePointer) throws(PrincipalError) in
            var name: UnsafeMutablePointer<CChar>?
            let code = bytes.withUnsafeMutableBufferPointer { buffer in
                var start = buffer.baseAddress
                var data = parts.map { part in
                    defer { start = start?.advanced(by: part.utf8.count + 1) }
                    return krb5_data(magic: krb5_magic(KV5M_DATA), length: UInt32(part.utf8.count), data: start)
                }
                return data.withUnsafeMutableBufferPointer { data in
                    var principal = krb5_principal_data(
                        magic: krb5_magic(KV5M_PRINCIPAL),
                        realm: data[components.count],
                        data: data.baseAddress,
                        length: Int32(components.count),
                        type: KRB5_NT_PRINCIPAL
                    )
                    return krb5_unparse_name(context, &principal, &name)
                }
            }
            guard code == 0, let name else { throw Self.failure(code, in: context) }
            defer { krb5_free_unparsed_name(context, name) }

            // KRB5_PRINCIPAL_UNPARSE_NO_REALM would leave an `@` in a component unescaped, and so write a name without
            // a realm as if it had one. The empty realm is written as an `@` at the end instead, and taken off here.
            let text = String(cString: name)
            return realm == nil ? String(text.dropLast()) : text
        }
    }

    /// The default realm by a configuration file, or by libkrb5's own choice of files, as of now.
    static func defaultRealm(by krb5Conf: String?) throws(PrincipalError) -> String? {
        // A context of its own: a context never reads its files a second time.
        let context = try makeContext { context in
            guard let krb5Conf else { return krb5_init_context(context) }
            return initialize(context, by: krb5Conf)
        }
        defer { krb5_free_context(context) }

        var realm: UnsafeMutablePointer<CChar>?
        let code = krb5_get_default_realm(context, &realm)
        guard code != KRB5_CONFIG_NODEFREALM else { return nil }
        guard code == 0, let realm else { throw failure(code, in: context) }
        defer { krb5_free_default_realm(context, realm) }
        return String(cString: realm)
    }

    private static func initialize(
        _ context: UnsafeMutablePointer<krb5_context?>,
        by krb5Conf: String
    ) -> krb5_error_code {
        var profile: profile_t?
        let code = profile_init_path(krb5Conf, &profile)
        guard code == 0, let profile else { return krb5_error_code(code) }
        defer { profile_release(profile) }
        return krb5_init_context_profile(profile, 0, context)
    }

    private static func makeContext(
        using initialize: (UnsafeMutablePointer<krb5_context?>) -> krb5_error_code
    ) throws(PrincipalError) -> sending OpaquePointer {
        var context: krb5_context?
        let code = initialize(&context)
        guard code == 0, let context else { throw failure(code, in: nil) }
        return context
    }

    private static func failure(_ code: krb5_error_code, in context: krb5_context?) -> PrincipalError {
        let message = krb5_get_error_message(context, code)
        defer { krb5_free_error_message(context, message) }
        return .library(code: code, message: message.map { String(cString: $0) } ?? "no message")
    }
}

extension String {
    /// What libkrb5 made of a part of a principal. The text was UTF-8, and libkrb5 splits it at ASCII alone.
    fileprivate init(_ data: krb5_data) {
        self.init(decoding: UnsafeRawBufferPointer(start: data.data, count: Int(data.length)), as: UTF8.self)
    }
}
