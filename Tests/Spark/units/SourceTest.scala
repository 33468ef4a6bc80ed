package authorizer.spark

import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.Path
import org.junit.Test
import org.junit.Assert.{assertEquals, assertTrue}

/** How the service is asked about what a relation reads. */
class SourceTest {
  private val settings = AuthorizerSettings(Nil, 5000, 600, Set.empty, asksForGrants = false, refusesCode = false, isGuarded = false)

  private def noConfiguration: Configuration = throw new AssertionError("a configuration was made")

  private def paths(names: Seq[String], conf: => Configuration = noConfiguration): Seq[String] =
    Source(names.map(new Path(_)), "parquet", None, settings, conf).fold(Seq.empty[String])(_.paths)

  @Test def wholeNamesNeedNoConfiguration(): Unit =
    assertEquals(Seq("/a", "/b"), paths(Seq("hdfs://host/b", "hdfs://other/a", "hdfs://host/a", "s3a://bucket/c", "file:/d")))

  @Test def namesWithoutSchemeAreOfTheFileSystemOfTheSession(): Unit = {
    val conf = new Configuration(false)
    conf.set("fs.defaultFS", "file:///")
    assertEquals(Nil, paths(Seq("/a"), conf))
  }

  @Test def inThePlaceOfVeryManyComeTheirDirectories(): Unit = {
    val few = (1 to 512).map(number => f"hdfs://host/t/x=$number%04d/part")
    assertEquals(few.map(_.stripPrefix("hdfs://host")), paths(few))
    assertEquals(few.map(_.stripPrefix("hdfs://host").stripSuffix("/part")), paths(few :+ "hdfs://host/t/x=0001/more"))
    assertEquals(Seq("/t"), paths(few :+ "hdfs://host/t/x=0513/part"))
    assertEquals(Seq("/t", "/u"), paths(few :+ "hdfs://host/u/x=0001/part"))
    val top = (1 to 600).map(number => s"hdfs://host/$number")
    assertEquals(Seq("/"), paths(top))
    assertTrue(paths(top.take(512)).length == 512)
  }
}
