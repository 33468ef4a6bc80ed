import Foundation
import SparkConfiguration
import Testing

@Suite struct SparkSettingsTests {
    private static let two = [
        SparkSettings.Line(name: "spark.sql.extensions", value: "authorizer.spark.AuthorizerExtension"),
        SparkSettings.Line(name: "spark.plugins", value: "authorizer.spark.AuthorizerPlugin"),
    ]

    @Test func twoLinesWhereTheJarIsAmongThoseOfSpark() throws {
        let tree = try TemporaryTree.spark("3.5.8", scala: "2.12")
        try tree.add("jars/authorizer-spark-3.5.jar")
        let settings = try SparkSettings(
            for: SparkInstallation(home: tree.path), sockets: [SparkSettings.standardSocket])
        #expect(settings.lines == Self.two)
        #expect(settings.isJarThere)
        #expect(settings.warnings.isEmpty)
    }

    @Test func jarElsewhereIsAThirdLineAndASocketAFourth() throws {
        let (tree, elsewhere) = (try TemporaryTree.spark("4.3.0", scala: "2.13"), try TemporaryTree(["a.jar": ""]))
        let settings = try SparkSettings(
            for: SparkInstallation(home: tree.path), jar: "\(elsewhere.path)/a.jar", sockets: ["/tmp/a.sock"])
        #expect(
            settings.lines == Self.two + [
                SparkSettings.Line(name: "spark.jars", value: "\(elsewhere.path)/a.jar"),
                SparkSettings.Line(name: "spark.authorizer.socket", value: "/tmp/a.sock"),
            ])
        #expect(settings.warnings.isEmpty)
    }

    @Test func servicesOfSeveralNameNodesAreOneLineEach() throws {
        let tree = try TemporaryTree.spark("3.5.8", scala: "2.12")
        try tree.add("jars/authorizer-spark-3.5.jar")
        let spark = try SparkInstallation(home: tree.path)
        let settings = try SparkSettings(
            for: spark, sockets: ["/a.sock", "/b.sock"], principals: ["s/a@EXAMPLE.COM", "s/b@EXAMPLE.COM"])
        #expect(
            settings.lines == Self.two + [
                SparkSettings.Line(name: "spark.authorizer.socket", value: "/a.sock,/b.sock"),
                SparkSettings.Line(
                    name: "spark.authorizer.service-principal", value: "s/a@EXAMPLE.COM,s/b@EXAMPLE.COM"),
            ])
        let one = try SparkSettings(for: spark, principals: ["s/a@EXAMPLE.COM"])
        #expect(
            one.lines == Self.two + [
                SparkSettings.Line(name: "spark.authorizer.service-principal", value: "s/a@EXAMPLE.COM")
            ])
    }

    @Test(arguments: [["s/a@R", "s/b@R"], ["s/a"], ["s/a@R,s/b@R"]])
    func principalsThatDoNotFitAreRefused(principals: [String]) throws {
        let tree = try TemporaryTree.spark("3.5.8", scala: "2.12")
        let spark = try SparkInstallation(home: tree.path)
        #expect(throws: SparkFault.self) {
            try SparkSettings(for: spark, sockets: ["/a.sock", "/b.sock", "/c.sock"], principals: principals)
        }
    }

    @Test func connectServerNeedsItsDoorAndSpark4() throws {
        let (new, old) = (
            try TemporaryTree.spark("4.3.0", scala: "2.13"), try TemporaryTree.spark("3.5.8", scala: "2.12")
        )
        try new.add("jars/authorizer-spark-4.3.jar")
        let settings = try SparkSettings(for: SparkInstallation(home: new.path), servesConnect: true)
        #expect(
            settings.lines == Self.two + [
                SparkSettings.Line(
                    name: "spark.connect.grpc.interceptor.classes", value: "authorizer.spark.ConnectGuard")
            ])
        let spark = try SparkInstallation(home: old.path)
        let fault = #expect(throws: SparkFault.self) { try SparkSettings(for: spark, servesConnect: true) }
        #expect(fault?.description.contains("cannot serve Spark Connect") == true)
    }

    @Test(arguments: [("3.5.8", "2.12", "3.5"), ("4.3.0", "2.13", "4.3")])
    func missingJarIsSaidAndNamedWhereItShouldBe(version: String, scala: String, line: String) throws {
        let tree = try TemporaryTree.spark(version, scala: scala)
        let settings = try SparkSettings(
            for: SparkInstallation(home: tree.path), jar: "/nowhere/authorizer-spark-\(line).jar")
        #expect(!settings.isJarThere)
        #expect(settings.warnings.count == 1)
        #expect(settings.warnings.first?.contains("`/nowhere/authorizer-spark-\(line).jar` is not there") == true)
        #expect(
            try SparkSettings(for: SparkInstallation(home: tree.path)).jar
                == "/usr/lib/authorizer/authorizer-spark-\(line).jar")
    }

    @Test func versionThatIsNotTestedIsSaid() throws {
        let tree = try TemporaryTree.spark("4.0.0", scala: "2.13")
        try tree.add("jars/authorizer-spark-4.3.jar")
        let settings = try SparkSettings(for: SparkInstallation(home: tree.path))
        #expect(settings.warnings.count == 1)
        #expect(settings.warnings.first?.contains("Spark 4.0.0 is not one that is tested") == true)
    }

    @Test func jarForAnotherSparkIsRefused() throws {
        let tree = try TemporaryTree.spark("3.5.8", scala: "2.12")
        let spark = try SparkInstallation(home: tree.path)
        #expect(throws: SparkFault.self) { try SparkSettings(for: spark, jar: "/x/authorizer-spark-4.3.jar") }
        try tree.add("jars/authorizer-spark-4.3.jar")
        let fault = #expect(throws: SparkFault.self) { try SparkSettings(for: spark) }
        #expect(fault?.description.contains("which needs authorizer-spark-3.5.jar") == true)
    }

    @Test(arguments: ["/a b/x.jar", "/a,b/x.jar", "/a$b/x.jar", "/a'b/x.jar"])
    func pathThatAListOrAShellWouldCutIsRefused(path: String) throws {
        let tree = try TemporaryTree.spark("3.5.8", scala: "2.12")
        let spark = try SparkInstallation(home: tree.path)
        #expect(throws: SparkFault.self) { try SparkSettings(for: spark, jar: path) }
        #expect(throws: SparkFault.self) { try SparkSettings(for: spark, sockets: [path]) }
    }

    @Test func listsThatSparkHasAlreadyAreKept() throws {
        let tree = try TemporaryTree.spark("3.5.8", scala: "2.12")
        try tree.add("jars/authorizer-spark-3.5.jar")
        try tree.add(
            "conf/spark-defaults.conf",
            """
            # spark.plugins a.comment.Plugin
            spark.sql.extensions=org.example.Ours , \\
                authorizer.spark.AuthorizerExtension
            spark.plugins : authorizer.spark.AuthorizerPlugin
            spark.authorizer.socket\t/srv/a.sock

            """)
        let spark = try SparkInstallation(home: tree.path)
        let defaults = try SparkDefaults(of: spark, environment: [:])
        let settings = try SparkSettings(for: spark, sockets: ["/srv/a.sock"], defaults: defaults)
        #expect(
            settings.lines == [
                SparkSettings.Line(
                    name: "spark.sql.extensions", value: "org.example.Ours,authorizer.spark.AuthorizerExtension"),
                Self.two[1],
            ])
        #expect(settings.warnings == ["spark.sql.extensions names org.example.Ours already; kept"])
        // Elsewhere nothing is said.
        let elsewhere = try SparkDefaults(of: spark, environment: ["SPARK_CONF_DIR": "/nowhere"])
        #expect(try SparkSettings(for: spark, defaults: elsewhere).lines == Self.two)
    }
}
