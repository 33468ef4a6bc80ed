import Testing

@testable import Server

@Suite("Looking for the next question right after an answer")
struct LookOutTests {
    /// How many turns in a row do not look.
    private func skipped(_ lookOut: inout LookOut) -> Int {
        var turns = 0
        while !lookOut.isWorthwhile() { turns += 1 }
        return turns
    }

    @Test("goes on while it pays")
    func pays() {
        var lookOut = LookOut()
        for _ in 0..<100 {
            let looks = lookOut.isWorthwhile()
            #expect(looks)
            lookOut.note(found: true)
        }
    }

    @Test("becomes rarer the longer it is in vain, but never ends, and comes back at once when it pays")
    func inVain() {
        var lookOut = LookOut()
        var pauses: [Int] = []
        for _ in 0..<10 {
            pauses.append(skipped(&lookOut))
            lookOut.note(found: false)
        }
        #expect(pauses == [0, 1, 2, 4, 8, 16, 32, 64, 64, 64])
        pauses = [skipped(&lookOut)]
        lookOut.note(found: true)
        pauses.append(skipped(&lookOut))
        lookOut.note(found: false)
        pauses.append(skipped(&lookOut))
        #expect(pauses == [64, 0, 1])
    }
}
