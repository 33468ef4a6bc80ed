import Testing

@testable import Grants

@Suite struct SparkCallerContextTests {
    private func says(_ context: String, of application: String = "app-1") -> SparkCallerContext {
        SparkCallerContext(Array(context.utf8).span, application: Array(application.utf8))
    }

    @Test(arguments: [
        "SPARK_TASK_app-1", "SPARK_DRIVER_app-1_more", "SPARK_TASK_app-1_JId_0_SId_0_0_TId_0_0",
        "SPARK_CLIENT_app-1,clientIp:192.0.2.7",
    ])
    func namesTheApplication(_ context: String) {
        #expect(says(context) == .thisApplication)
    }

    @Test(arguments: [
        "SPARK_TASK_app-2_JId_0", "SPARK_TASK_app-12", "SPARK_TASK_app-", "SPARK_TASK_app", "SPARK_TASK_xapp-1",
        "SPARK_TASK_APP-1",
    ])
    func namesAnother(_ context: String) {
        #expect(says(context) == .another)
    }

    @Test(arguments: [
        "", "CLI", "SPARK", "SPARK_", "SPARK_TASK", "SPARK_TASK_", "SPARK__app-2", "spark_TASK_app-2",
        "mr_attempt_1_SPARK_TASK_app-2",
    ])
    func namesNone(_ context: String) {
        #expect(says(context) == .silent)
    }

    @Test func applicationMayHoldUnderscores() {
        #expect(says("SPARK_TASK_application_17_0001_1_JId_0", of: "application_17_0001") == .thisApplication)
        #expect(says("SPARK_TASK_application_17_0002_JId_0", of: "application_17_0001") == .another)
    }
}
