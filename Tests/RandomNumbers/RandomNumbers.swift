import Foundation

/// Random numbers that a failing run can be repeated with: the seed is `AUTHORIZER_SEED` in the environment, else
/// random, and is printed.
package struct RandomNumbers: RandomNumberGenerator {
    package let seed: UInt64
    private var state: UInt64

    package init(for test: String) {
        self.init(seed: ProcessInfo.processInfo.environment["AUTHORIZER_SEED"].flatMap(UInt64.init) ?? Self.ofThisRun)
        print("\(test): AUTHORIZER_SEED=\(seed)")
    }

    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// One for all tests of a run, so that one number repeats it.
    private static let ofThisRun = UInt64.random(in: 0 ... .max)

    /// SplitMix64.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    package mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    package mutating func one<Choice>(of choices: [Choice]) -> Choice { choices[below(choices.count)] }

    /// True once in so many times.
    package mutating func chance(_ outOf: Int) -> Bool { below(outOf) == 0 }

    package mutating func bytes(upTo count: Int) -> [UInt8] {
        (0..<below(count + 1)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }
}
