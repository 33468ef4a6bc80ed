import Foundation
import Testing

@testable import Identity

@Suite("krb5.conf")
struct KerberosConfigurationTests {
    @Test(
        arguments: [
            ("[libdefaults]\n    default_realm = EXAMPLE.COM\n", "EXAMPLE.COM"),
            ("[libdefaults]\n    dns_lookup_realm = false\n", nil),
            ("", nil),
        ] as [(String, String?)])
    func defaultRealmIsReadFromTheFile(text: String, realm: String?) throws {
        let file = try temporaryFile(text)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try KerberosConfiguration.defaultRealm(krb5Conf: file.path) == realm)
    }

    @Test func changedFileIsReadAnew() throws {
        let file = try temporaryFile("[libdefaults]\n    default_realm = FIRST\n")
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try KerberosConfiguration.defaultRealm(krb5Conf: file.path) == "FIRST")
        try Data("[libdefaults]\n    default_realm = SECOND\n".utf8).write(to: file)
        #expect(try KerberosConfiguration.defaultRealm(krb5Conf: file.path) == "SECOND")
    }

    @Test func fileThatCannotBeReadIsAnError() {
        let error = #expect(throws: PrincipalError.self) {
            try KerberosConfiguration.defaultRealm(krb5Conf: "/nonexistent/krb5.conf")
        }
        #expect(error?.description == "libkrb5 failed with 2: No such file or directory")
    }

    private func temporaryFile(_ text: String) throws -> URL {
        let file = FileManager.default.temporaryDirectory.appending(path: "krb5-\(UUID().uuidString).conf")
        try Data(text.utf8).write(to: file)
        return file
    }
}
