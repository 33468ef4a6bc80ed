/// Whether a pattern can match one text in more and more ways the longer the text gets.
///
/// A backtracking matcher may try each of these ways before it gives up, so that a hostile value keeps it busy. The
/// pattern is made an automaton with one state for each of its signs (Glushkov); it has boundedly many ways through any
/// text unless there are states p and q, p not q, and a text that leads from p to p, from p to q and from q to q
/// (Weber and Seidl, "On the degree of ambiguity of finite automata"), or two different steps from one state to another
/// that are part of a circle. What may be empty in two ways is refused as it is read: it adds ways without a sign.
struct PatternAutomaton {
    /// More states than that are not searched.
    static let mostStates = 96
    /// How many steps the search may take.
    private static let mostSteps = 2_000_000

    private var sets: [ScalarSet] = []
    private var following: [Set<Int>] = []
    private var isTooLarge = false
    /// Steps that the pattern takes in two ways.
    private var doubled: [(from: Int, to: Int)] = []
    /// Whether something may be empty in two ways.
    private var isEmptyTwice = false

    private struct Part {
        var first: Set<Int>
        var last: Set<Int>
        var mayBeEmpty: Bool

        static let empty = Part(first: [], last: [], mayBeEmpty: true)
    }

    /// - Returns: `nil` if the pattern has too many states.
    init?(_ syntax: PatternSyntax) {
        _ = add(syntax)
        guard !isTooLarge else { return nil }
    }

    private mutating func add(_ syntax: PatternSyntax) -> Part {
        guard !isTooLarge else { return .empty }
        switch syntax {
        // An anchor rules ways out and adds none.
        case .empty, .anchor: return .empty
        case .scalars(let set):
            guard sets.count < Self.mostStates else {
                isTooLarge = true
                return .empty
            }
            sets.append(set)
            following.append([])
            return Part(first: [sets.count - 1], last: [sets.count - 1], mayBeEmpty: false)
        case .sequence(let parts): return parts.reduce(.empty) { join($0, add($1)) }
        case .choice(let parts):
            var all = Part(first: [], last: [], mayBeEmpty: false)
            for part in parts.map({ add($0) }) {
                if all.mayBeEmpty, part.mayBeEmpty { isEmptyTwice = true }
                all.first.formUnion(part.first)
                all.last.formUnion(part.last)
                all.mayBeEmpty = all.mayBeEmpty || part.mayBeEmpty
            }
            return all
        case .repetition(let part, let least, let most): return add(part, least: least, most: most)
        }
    }

    /// The part as often as it must be, and then as often as it may be.
    private mutating func add(_ syntax: PatternSyntax, least: Int, most: Int?) -> Part {
        var all = Part.empty
        for _ in 0..<least where !isTooLarge { all = join(all, addNotEmpty(syntax)) }
        var rest = Part.empty
        if let most {
            // `x{0,3}` is `(x(x(x)?)?)?`: each number of times in one way.
            for _ in least..<most where !isTooLarge {
                rest = join(addNotEmpty(syntax), rest)
                rest.mayBeEmpty = true
            }
        } else {
            rest = addNotEmpty(syntax)
            connect(rest.last, rest.first)
            rest.mayBeEmpty = true
        }
        return join(all, rest)
    }

    private mutating func addNotEmpty(_ syntax: PatternSyntax) -> Part {
        let part = add(syntax)
        if part.mayBeEmpty { isEmptyTwice = true }
        return part
    }

    private mutating func join(_ left: Part, _ right: Part) -> Part {
        connect(left.last, right.first)
        return Part(
            first: left.mayBeEmpty ? left.first.union(right.first) : left.first,
            last: right.mayBeEmpty ? right.last.union(left.last) : right.last,
            mayBeEmpty: left.mayBeEmpty && right.mayBeEmpty)
    }

    private mutating func connect(_ ends: Set<Int>, _ beginnings: Set<Int>) {
        for end in ends {
            for beginning in beginnings where !following[end].insert(beginning).inserted {
                doubled.append((end, beginning))
            }
        }
    }

    /// Whether there are boundedly many ways through any text; `nil` if that could not be found out in time.
    var isBounded: Bool? {
        if isEmptyTwice || doubled.contains(where: { reaches($0.to, $0.from) || $0.to == $0.from }) { return false }
        let count = sets.count
        let loops = (0..<count).filter { reaches($0, $0) }
        var steps = 0
        for p in loops {
            for q in loops where q != p {
                guard let found = leads(from: p, to: q, count, &steps) else { return nil }
                if found { return false }
            }
        }
        return true
    }

    private func reaches(_ from: Int, _ to: Int) -> Bool {
        var seen: Set<Int> = []
        var waiting = Array(following[from])
        while let state = waiting.popLast() {
            if state == to { return true }
            if seen.insert(state).inserted { waiting += following[state] }
        }
        return false
    }

    /// Whether one text leads from p to p, from p to q and from q to q.
    private func leads(from p: Int, to q: Int, _ count: Int, _ steps: inout Int) -> Bool? {
        func number(_ one: Int, _ two: Int, _ three: Int) -> Int { (one * count + two) * count + three }
        let goal = number(p, q, q)
        var seen: Set<Int> = []
        var waiting = [number(p, p, q)]
        while let triple = waiting.popLast() {
            let (one, two, three) = (triple / count / count, triple / count % count, triple % count)
            for first in following[one] {
                for second in following[two] {
                    steps += 1
                    let common = sets[first].intersection(sets[second])
                    if common.isEmpty { continue }
                    for third in following[three] where common.meets(sets[third]) {
                        steps += 1
                        let next = number(first, second, third)
                        if next == goal { return true }
                        if seen.insert(next).inserted { waiting.append(next) }
                    }
                    if steps > Self.mostSteps { return nil }
                }
            }
        }
        return false
    }
}

extension MaskMethod {
    /// - Returns: What keeps a pattern and its replacement from being used; `nil` when nothing does.
    static func fault(inPattern pattern: String) -> String? {
        do {
            let syntax = try PatternReader.read(pattern).syntax
            let tooLarge = "the pattern is too large to be checked; shorten it or its `{n,m}`"
            guard let automaton = PatternAutomaton(syntax), let isBounded = automaton.isBounded else { return tooLarge }
            return isBounded
                ? nil
                : "the pattern can match one text in more and more ways the longer it gets, so that a hostile value "
                    + "would keep the matcher busy; repeat only what cannot be told apart in two ways"
        } catch {
            return error.description
        }
    }

    /// - Parameter pattern: one that has no fault.
    static func fault(inReplacement text: String, of pattern: String) -> String? {
        guard let groups = try? PatternReader.read(pattern).groups else { return nil }
        var scalars = text.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            if scalar == "\\" {
                guard scalars.popFirst() != nil else { return "`\\` is the last sign; write `\\\\`" }
            } else if scalar == "$" {
                guard let digit = scalars.popFirst(), ("0"..."9").contains(digit), let group = Int(String(digit)) else {
                    return "`$` names a group by its number, such as `$1`; write `\\$` for the sign itself"
                }
                if group > groups { return "there is no group \(group) in the pattern; it has \(groups)" }
                // Java would read `$12` as group 12 where there is one.
                if let next = scalars.first, ("0"..."9").contains(next) {
                    return "write `\\` before a digit behind `$1`"
                }
            }
        }
        return nil
    }
}
