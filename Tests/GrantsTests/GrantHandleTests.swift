import Testing

@testable import Grants

@Suite struct GrantHandleTests {
    @Test func readsAndWritesHexadecimalDigits() throws {
        let hex = String(repeating: "0123456789abcdef", count: 4)
        let handle = try #require(GrantHandle(hex: hex))
        #expect(handle.hex == hex)
        #expect(GrantHandle(hex: hex.uppercased()) == handle)
        #expect(handle.bytes.count == GrantHandle.byteCount)
    }

    @Test(arguments: ["", "00", String(repeating: "0", count: 63), String(repeating: "g", count: 64)])
    func refusesWhatIsNone(_ text: String) {
        #expect(GrantHandle(hex: text) == nil)
    }

    @Test func differsByEveryByte() {
        let bytes = [UInt8](repeating: 7, count: 40)
        let handle = GrantHandle(bytes.span, at: 8)
        for index in 8..<40 {
            var other = bytes
            other[index] = 8
            #expect(GrantHandle(other.span, at: 8) != handle)
        }
    }
}
