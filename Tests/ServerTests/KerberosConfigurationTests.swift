import Foundation
import Testing

@testable import Server

@Suite struct KerberosConfigurationTests {
    private func configuration(_ text: String) throws -> ServiceConfiguration {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("kerberos-\(UUID().uuidString).yaml")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try ServiceConfiguration(file: file.path)
    }

    @Test func noTicketsAreTakenUnlessItSaysSo() throws {
        #expect(try configuration("store: /s/policy.sqlite\n").kerberos == nil)
    }

    @Test func proofIsRequiredWhereTicketsAreTakenUnlessItSaysOtherwise() throws {
        let section = """
            store: /s/policy.sqlite
            kerberos:
              keytab: /k
              service-principal: authorizer/h@EXAMPLE.COM

            """
        var expected = KerberosOptions(
            keytab: "/k", servicePrincipal: "authorizer/h@EXAMPLE.COM", replayCache: "/s/replay-cache")
        #expect(expected.requiresProof)
        #expect(try configuration(section).kerberos == expected)
        expected.requiresProof = false
        expected.replayCache = "/r"
        #expect(try configuration(section + "  require-proof: false\n  replay-cache: /r\n").kerberos == expected)
    }
}
