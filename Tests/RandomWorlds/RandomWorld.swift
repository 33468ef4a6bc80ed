import RandomNumbers
import ReferenceModel

/// Makes a world at random, and what happens in it. Its policies are such that the product takes them: what they name is
/// there, tags imply no circle, no two data sources claim a directory, no two users a name.
package struct RandomWorld {
    package var random: RandomNumbers
    package internal(set) var world = World()
    package internal(set) var clock = Clock(wall: Vocabulary.middle - Vocabulary.halfDay, monotonic: 1_000_000)
    /// Whether somebody sets the wall clock now and then.
    private(set) var setsClock = false
    /// The identity settings have changed since the policies were checked: no more are applied.
    var settingsHaveChanged = false
    /// Those that were in force at some time, to go back to.
    var pastPolicies: [Policies] = []
    /// Files that are asked about again and again.
    var files: [Text] = []

    package init(random: RandomNumbers) {
        self.random = random
        setsClock = chance(4)
        makeNaming()
        makePolicies()
        makeState()
        makeSettings()
        for _ in 0..<30 { files.append(path()) }
        for source in world.policies.dataSources where percent(80) { world.crawls[source.name] = crawl() }
        pastPolicies = [world.policies]
    }

    /// What happens next. The world has become another by then.
    ///
    /// - Parameter questions: how many are asked at a time.
    package mutating func nextStep(questions: Int) -> Step {
        let step = step(questions: questions)
        step.happen(to: &world, &clock)
        if pastPolicies.last != world.policies { pastPolicies.append(world.policies) }
        return step
    }

    // MARK: Dice

    mutating func chance(_ outOf: Int) -> Bool { random.chance(outOf) }

    /// True so many times of a hundred.
    mutating func percent(_ percent: Int) -> Bool { random.below(100) < percent }

    mutating func one<Choice>(of choices: [Choice]) -> Choice { random.one(of: choices) }

    /// Different ones, in any order.
    mutating func some<Choice>(of choices: [Choice], least: Int = 0, most: Int = 2) -> [Choice] {
        let count = min(choices.count, least + random.below(most - least + 1))
        return Array(choices.shuffled(using: &random).prefix(count))
    }

    // MARK: DecisionSettings

    private mutating func makeNaming() {
        world.naming.endings = one(of: Vocabulary.namings)
        world.naming.ignoresCase = chance(8)
    }

    mutating func makeSettings() {
        world.settings.deniesUnmapped = chance(3)
        world.settings.intersects = chance(6)
        world.settings.needsCatalogue = percent(70)
    }

    // MARK: State

    private mutating func makeState() {
        for user in world.policies.users {
            let joined = world.policies.projects.filter { world.isMember(user, of: $0, at: clock.wall) }
            let choices = joined.isEmpty || chance(4) ? world.policies.projects : joined
            if let project = choices.randomElement(using: &random), percent(50) {
                world.state.currentProject[user.name] = project.name
            }
            for project in world.policies.projects {
                for purpose in project.purposes where !chance(4) {
                    world.state.acknowledgements.append(Acknowledgement(user.name, project.name, purpose))
                }
            }
            for source in world.policies.dataSources where chance(2) {
                world.state.approvals.append(Approval(user.name, source.name, until: chance(2) ? instant() : nil))
            }
        }
    }

    // MARK: Moments

    /// One of few instants around now, at which things end.
    mutating func instant() -> Instant {
        clock.wall / Vocabulary.halfDay * Vocabulary.halfDay + Vocabulary.halfDay * Instant(random.below(8) - 2)
    }
}
