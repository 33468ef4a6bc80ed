import Foundation
import SparkConfiguration
import Testing

@Suite struct SparkInstallationTests {
    @Test(arguments: [
        ("3.4.4", "2.12", ExtensionLine.spark3), ("3.5.8", "2.12", .spark3), ("3.5.1.3.3.7190.0-91", "2.12", .spark3),
        ("4.0.0", "2.13", .spark4), ("4.3.0", "2.13", .spark4), ("4.3.1-SNAPSHOT", "2.13", .spark4),
    ])
    func versionAndJarAreToldByTheJars(version: String, scala: String, line: ExtensionLine) throws {
        let tree = try TemporaryTree.spark(version, scala: scala)
        let spark = try SparkInstallation(home: tree.path)
        #expect((spark.version, spark.scala, spark.line) == (version, scala, line))
    }

    @Test(arguments: [
        ("3.3.4", "2.12"), ("2.4.8", "2.11"), ("3.5.8", "2.13"), ("4.4.0", "2.13"), ("4.30.0", "2.13"),
        ("40.1", "2.13"),
    ])
    func versionWithoutAJarIsRefusedByName(version: String, scala: String) throws {
        let tree = try TemporaryTree.spark(version, scala: scala)
        let fault = #expect(throws: SparkFault.self) { try SparkInstallation(home: tree.path) }
        #expect(fault?.description.contains("Spark \(version) with Scala \(scala)") == true)
        #expect(fault?.description.contains("is not supported") == true)
    }

    @Test func releaseFileHasToAgree() throws {
        let tree = try TemporaryTree.spark("3.5.8", scala: "2.12")
        try tree.add("RELEASE", "Spark 3.5.8 (git revision 0123abc) built for Hadoop 3.3.4\nBuild flags: -B\n")
        #expect(try SparkInstallation(home: tree.path).version == "3.5.8")
        try tree.add("RELEASE", "Spark 3.5.1 (git revision 0123abc) built for Hadoop 3.3.4\n")
        let fault = #expect(throws: SparkFault.self) { try SparkInstallation(home: tree.path) }
        #expect(fault?.description.contains("says Spark 3.5.1, and the jars are of 3.5.8") == true)
    }

    @Test func twoSparksInOneDirectoryAreRefused() throws {
        let tree = try TemporaryTree.spark("3.5.8", scala: "2.12")
        try tree.add("jars/spark-core_2.12-3.5.8-tests.jar")
        #expect(try SparkInstallation(home: tree.path).version == "3.5.8")
        try tree.add("jars/spark-core_2.12-3.5.1.jar")
        let fault = #expect(throws: SparkFault.self) { try SparkInstallation(home: tree.path) }
        #expect(fault?.description.contains("3.5.1 and 3.5.8") == true)
    }

    @Test func directoryWithoutSparkIsNamed() throws {
        let tree = try TemporaryTree()
        let fault = #expect(throws: SparkFault.self) { try SparkInstallation(home: tree.path) }
        #expect(fault?.description.contains("`\(tree.path)` holds no Spark") == true)
    }

    @Test func sparkHomeComesBeforeThePath() throws {
        let (one, other) = (
            try TemporaryTree.spark("3.5.8", scala: "2.12"), try TemporaryTree.spark("4.3.0", scala: "2.13")
        )
        try other.add("bin/spark-submit", isProgram: true)
        let found = try SparkInstallation.find(environment: ["SPARK_HOME": one.path, "PATH": "\(other.path)/bin"])
        #expect(found.home == one.path)
    }

    @Test func submitInThePathIsFoundThroughALink() throws {
        let (spark, programs) = (try TemporaryTree.spark("4.3.0", scala: "2.13"), try TemporaryTree(["x": ""]))
        try spark.add("bin/spark-submit", isProgram: true)
        try FileManager.default.createSymbolicLink(
            atPath: "\(programs.path)/spark-submit", withDestinationPath: "\(spark.path)/bin/spark-submit")
        let found = try SparkInstallation.find(environment: ["PATH": "/nowhere:\(programs.path)"])
        #expect(found.home == spark.path)
    }

    @Test(arguments: ["spark-submit", "python3"])
    func installedPysparkIsFound(program: String) throws {
        let tree = try TemporaryTree(["lib/python3.11/site-packages/pyspark/jars/spark-core_2.13-4.3.0.jar": ""])
        try tree.add("bin/\(program)", isProgram: true)
        let found = try SparkInstallation.find(environment: ["PATH": "\(tree.path)/bin"])
        #expect(found.home == "\(tree.path)/lib/python3.11/site-packages/pyspark")
        try tree.add("lib/python3.12/site-packages/pyspark/jars/spark-core_2.13-4.3.0.jar")
        let fault = #expect(throws: SparkFault.self) {
            try SparkInstallation.find(environment: ["PATH": "\(tree.path)/bin"])
        }
        #expect(fault?.description.contains("more than one Spark") == true)
    }

    @Test func nothingFoundSaysWhatWasLookedAt() throws {
        let fault = #expect(throws: SparkFault.self) { try SparkInstallation.find(environment: ["PATH": "/nowhere"]) }
        #expect(fault?.description.contains("--spark-home") == true)
    }
}
