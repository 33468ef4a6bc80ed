package authorizer.spark

import java.net.URI

import org.apache.hadoop.fs.Path
import org.apache.spark.sql.catalyst.TableIdentifier
import org.apache.spark.sql.catalyst.catalog.{CatalogStorageFormat, CatalogTable, CatalogTableType}
import org.apache.spark.sql.types.StructType
import org.junit.Test
import org.junit.Assert.assertEquals

/** Which partitions of a table have to be asked about by themselves. */
class CatalogPartitionsTest {
  private def elsewhere(root: Option[String], partitions: String*): Seq[String] = {
    val table = CatalogTable(
      TableIdentifier("t"), CatalogTableType.EXTERNAL, CatalogStorageFormat.empty.copy(locationUri = root.map(new URI(_))),
      new StructType)
    CatalogPartitions.elsewhere(table, partitions.map(new Path(_))).map(_.toString)
  }

  @Test def belowTheTableIsNotElsewhere(): Unit =
    assertEquals(Nil, elsewhere(Some("hdfs://a/t"), "hdfs://a/t/c=1", "hdfs://a/t/c=1/d=2"))

  @Test def whatOnlyBeginsAlikeIsElsewhere(): Unit =
    assertEquals(Seq("hdfs://a/tables/c=1"), elsewhere(Some("hdfs://a/t"), "hdfs://a/tables/c=1", "hdfs://a/t/c=2"))

  @Test def sameNameInAnotherFileSystemIsElsewhere(): Unit = {
    val others = Seq("hdfs://a/t/c=1", "hdfs://b/t/c=1")
    assertEquals(others, elsewhere(Some("s3a://a/t"), others: _*))
    assertEquals(Seq("hdfs://b/t/c=1"), elsewhere(Some("hdfs://a/t"), others: _*))
  }

  @Test def nothingIsBelowATableWithoutAPlace(): Unit =
    assertEquals(Seq("hdfs://a/t/c=1"), elsewhere(None, "hdfs://a/t/c=1"))
}
