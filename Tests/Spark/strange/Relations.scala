package strange

import java.util.{Map => JavaMap, Set => JavaSet}

import org.apache.spark.rdd.RDD
import org.apache.spark.sql.{Row, SQLContext}
import org.apache.spark.sql.connector.catalog.{SupportsRead, Table, TableCapability, TableProvider}
import org.apache.spark.sql.connector.expressions.Transform
import org.apache.spark.sql.connector.read.{Scan, ScanBuilder, V1Scan}
import org.apache.spark.sql.execution.streaming.Source
import org.apache.spark.sql.sources._
import org.apache.spark.sql.types.{StringType, StructField, StructType}
import org.apache.spark.sql.util.CaseInsensitiveStringMap

/** Lines of files, as a library reads them which Spark knows nothing of: where they are, it keeps in a string. */
class StrangeProvider extends RelationProvider with StreamSourceProvider {
  override def createRelation(context: SQLContext, options: Map[String, String]): BaseRelation =
    options.get("kept") match {
      case Some("privately") => new StrangePrivately(context, new StrangePlace(options("place")))
      case Some("in options") => StrangeInOptions(options - "kept")(context)
      case _ => StrangeLines(options("path"))(context)
    }

  override def sourceSchema(
      context: SQLContext, schema: Option[StructType], name: String, options: Map[String, String]): (String, StructType) =
    ("strange", StrangeLines.schema)

  override def createSource(
      context: SQLContext, metadata: String, schema: Option[StructType], name: String, options: Map[String, String]
  ): Source = throw new UnsupportedOperationException("no test gets as far as this")
}

abstract class StrangeReader extends BaseRelation with TableScan {
  def place: String
  override def schema: StructType = StrangeLines.schema
  override def buildScan(): RDD[Row] = sqlContext.sparkContext.textFile(place).map(Row(_))
}

case class StrangeLines(place: String)(override val sqlContext: SQLContext) extends StrangeReader

object StrangeLines {
  val schema: StructType = StructType(Seq(StructField("line", StringType)))
}

/** `hdfs://.../a,hdfs://.../b` below the name `paths`, in a list of lists. */
case class StrangeInOptions(options: Map[String, String])(override val sqlContext: SQLContext) extends StrangeReader {
  override def place: String = options("paths")
}

final class StrangePlace(val name: String)

/** In a field of an object in a field. */
class StrangePrivately(override val sqlContext: SQLContext, where: StrangePlace) extends StrangeReader {
  override def place: String = where.name
}

/** The same by Spark's second interface. */
class StrangeTables extends TableProvider {
  override def inferSchema(options: CaseInsensitiveStringMap): StructType = StrangeLines.schema
  override def getTable(schema: StructType, partitions: Array[Transform], options: JavaMap[String, String]): Table =
    new StrangeTable
}

class StrangeTable extends Table with SupportsRead {
  override def name: String = "strange"
  override def schema: StructType = StrangeLines.schema
  override def capabilities: JavaSet[TableCapability] = java.util.Collections.singleton(TableCapability.BATCH_READ)
  override def newScanBuilder(options: CaseInsensitiveStringMap): ScanBuilder = new ScanBuilder {
    override def build(): Scan = new V1Scan {
      override def readSchema(): StructType = StrangeLines.schema
      override def toV1TableScan[T <: BaseRelation with TableScan](context: SQLContext): T =
        StrangeLines(options.get("path"))(context).asInstanceOf[T]
    }
  }
}
