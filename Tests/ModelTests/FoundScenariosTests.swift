import RandomWorlds
import ReferenceModel
import Testing

/// What random worlds have found, kept.
@Suite("The product and the reference model do not differ any more")
struct FoundScenariosTests {
    /// `s1` at `/s` for anyone, tagged; ann, who acts under `j1` and has acknowledged its purpose.
    private static var start: World {
        var world = World()
        world.settings.needsCatalogue = false
        var source = DataSource("s1")
        (source.directories, source.tags) = (["/s"], ["t1"])
        var project = Project("j1")
        (project.dataSources, project.purposes) = (["s1"], ["p1"])
        project.members.users = [Entry("ann")]
        world.policies.groups = ["g1"]
        world.policies.purposes = [Purpose("p1")]
        world.policies.tags = [Tag("t1"), Tag("t2")]
        world.policies.users = [User("ann")]
        world.policies.dataSources = [source]
        world.policies.projects = [project]
        world.state.currentProject["ann"] = "j1"
        world.state.acknowledgements = [Acknowledgement("ann", "j1", "p1")]
        return world
    }

    private static let changes: [@Sendable (inout Policies) -> Void] = [
        { $0.projects = [] },
        { $0.projects[0].dataSources = [] },
        { $0.purposes[0].about = "other words" },
        { policies in
            var policy = GlobalPolicy("w1")
            policy.tags = ["t2"]
            policy.subscription = .condition(.group("g1"))
            policies.tags[0].implies = ["t2"]
            policies.globalPolicies = [policy]
        },
    ]

    /// A decision from before a change was good again once the service had read everything anew.
    @Test(arguments: changes.indices)
    func changeIsInForceAlsoAfterEverythingWasReadAnew(change: Int) async throws {
        var world = Self.start
        world.policies.dataSources[0].purposes = change == 2 ? ["p1"] : []
        var changed = world.policies
        Self.changes[change](&changed)
        var later = changed
        later.users.append(User("bob"))
        let ask = Step.ask([Question(.read, "ann", "/s/f")])
        try await Self.play(
            world,
            [
                ask, .apply(PolicyEdit(from: world.policies, to: changed)),
                .applyAnew(PolicyEdit(from: changed, to: later)), ask,
            ])
    }

    private static func play(_ world: World, _ steps: [Step]) async throws {
        let scenario = Scenario(start: world, clock: Clock(wall: 1_795_219_200_000, monotonic: 1_000_000))
        var contest = try await Contest(scenario, cacheCapacity: 64)
        for step in steps {
            let difference = try await contest.take(step)
            #expect(difference == nil, "\(difference?.words ?? "")")
        }
        try await contest.product.shutDown()
    }
}
