package authorizer.spark

import org.apache.spark.SPARK_VERSION
import org.junit.Assert.{assertEquals, assertTrue, fail}
import org.junit.Test

class PlanNodesTest {
  @Test def releaseOfTheSameLineHasTheSameList(): Unit = {
    val line = SPARK_VERSION.split('.').take(2).mkString(".")
    assertTrue(PlanNodes.of(SPARK_VERSION).size > 200)
    assertEquals(PlanNodes.of(SPARK_VERSION), PlanNodes.of(s"$line.99"))
  }

  @Test def sparkWithoutAListIsRefusedByName(): Unit =
    for (version <- Seq("5.0.0", "3.50.1", "4.30.0")) {
      try {
        PlanNodes.of(version)
        fail(version)
      } catch {
        case error: IllegalStateException =>
          assertTrue(error.getMessage, error.getMessage.contains(s"this is Spark $version"))
          assertTrue(error.getMessage, error.getMessage.contains(SPARK_VERSION))
      }
    }
}
