package authorizer.spark

import java.util.Locale

import org.apache.hadoop.fs.Path
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.catalog.{CatalogTable, HiveTableRelation}
import org.apache.spark.sql.execution.datasources._
import org.apache.spark.sql.execution.datasources.csv.CSVFileFormat
import org.apache.spark.sql.execution.datasources.orc.OrcFileFormat
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat
import org.apache.spark.sql.sources.DataSourceRegister
import org.apache.spark.sql.types._

/**
 * Relations of which something is hidden are read as the policies say, and in no other way: masks go by the names of
 * columns, which another format, schema or option would give to other bytes.
 */
object Formats {
  def name(format: FileFormat): String = format match {
    case known: DataSourceRegister => known.shortName.toLowerCase(Locale.ROOT)
    case other => other.getClass.getName
  }

  /** By the class, since anybody can call a format by another's name. */
  private val known: Map[Class[_], Set[String]] = Map(
    classOf[ParquetFileFormat] -> Set("parquet"), classOf[OrcFileFormat] -> Set("orc"),
    classOf[CSVFileFormat] -> Set("csv", "text"))

  /**
   * A table of Hive that Spark reads by itself instead, as the policies say: what the table says of its classes, and of
   * how values are told apart, is its maker's, and has no effect.
   *
   * @throws org.apache.spark.sql.AnalysisException if it is no text, or partitioned
   */
  def ofHive(session: SparkSession, relation: HiveTableRelation, ruling: Ruling): LogicalRelation = {
    val table = relation.tableMeta
    val name = s"`${table.identifier.unquotedString}`"
    if (!ruling.format.exists(format => format.name == "text" || format.name == "csv"))
      throw ruling.refusal(
        s"rows or columns of it are hidden, and $name is a table of Hive that Spark reads through Hive's classes; only " +
          "text can be read otherwise: read it by a table that is made with USING and the format of the policies (policy)")
    if (table.partitionColumnNames.nonEmpty)
      throw ruling.refusal(
        s"rows or columns of it are hidden, and $name is a partitioned table of Hive's text; read it by a table that is " +
          "made with USING csv (policy)")
    val schema = plain(table.dataSchema)
    val files = new InMemoryFileIndex(session, Seq(new Path(table.location)), Map.empty, Some(schema))
    val read = HadoopFsRelation(files, new StructType, schema, None, new CSVFileFormat, Map.empty)(session)
    LogicalRelation(read, table)
  }

  /**
   * The relation, to be read as the policies say.
   *
   * @throws org.apache.spark.sql.AnalysisException if it is meant to be read in another way
   */
  def pinned(
      session: SparkSession, files: HadoopFsRelation, table: Option[CatalogTable], ruling: Ruling
  ): HadoopFsRelation = {
    val format = ruling.format.getOrElse(
      throw ruling.refusal("its policies hide rows or columns and do not say in which `format` it is stored"))
    if (!known.get(files.fileFormat.getClass).exists(_(format.name)))
      throw ruling.refusal(
        s"it is stored as ${format.name} and cannot be read as ${name(files.fileFormat)}; if Spark was to find out its " +
          "columns by itself, give it a schema (policy)")
    checkColumns(files, ruling)
    files.copy(
      location = checked(session, files.location, table, ruling), dataSchema = plain(files.dataSchema), partitionSchema = plain(files.partitionSchema), bucketSpec = None,
      options = options(format))(session)
  }

  /** Whatever the session says of its own is left out. */
  private def options(format: Ruling.Format): Map[String, String] = format.name match {
    case "csv" =>
      format.options ++ Map(
        "mode" -> "PERMISSIVE", "columnNameOfCorruptRecord" -> corrupt, "enforceSchema" -> "true", "quote" -> "\"",
        "escape" -> "\\", "multiLine" -> "false", "encoding" -> "UTF-8", "timeZone" -> "UTC", "nullValue" -> "",
        "maxCharsPerColumn" -> "-1", "maxColumns" -> "20480")
    case "text" =>
      format.options ++ Map(
        "mode" -> "PERMISSIVE", "columnNameOfCorruptRecord" -> corrupt, "enforceSchema" -> "true", "header" -> "false",
        "quote" -> "", "multiLine" -> "false", "encoding" -> "UTF-8", "timeZone" -> "UTC", "nullValue" -> "\\N",
        "maxCharsPerColumn" -> "-1", "maxColumns" -> "20480")
    case _ => Map.empty
  }

  /** No column has this name: what cannot be read as a row is shown nowhere. */
  private val corrupt = "\u0000"

  /** Without metadata, by which a column's name can be given to another one of the file. */
  private def plain(schema: StructType): StructType =
    StructType(schema.map(field => StructField(field.name, field.dataType, nullable = true)))

  private def checkColumns(files: HadoopFsRelation, ruling: Ruling): Unit = {
    val partitions = files.partitionSchema.map(field => lower(field.name)).toSet
    val declared = ruling.schema.map(column => lower(column.name) -> column.`type`)
    val found = files.schema.map(field => lower(field.name) -> word(field.dataType))
    val (inPath, inFile) = declared.partition { case (name, _) => partitions(name) }
    val (foundInPath, foundInFile) = found.partition { case (name, _) => partitions(name) }
    if (inFile != foundInFile || inPath.toMap != foundInPath.toMap) {
      def list(columns: Seq[(String, String)]) = columns.map { case (name, kind) => s"$name $kind" }.mkString(", ")
      throw ruling.refusal(
        s"its columns are (${list(declared)}) and it is read with (${list(found)}); read it with a table or a schema " +
          "that says so (policy)")
    }
    val hidden = ruling.masks.map(mask => lower(mask.column)).find(partitions)
    hidden.foreach { name =>
      throw ruling.refusal(s"the column `$name` is masked, and files are partitioned by it, so that paths show it (policy)")
    }
  }

  /** A catalog may say that a partition has another value than its directory. */
  private def checked(session: SparkSession, index: FileIndex, table: Option[CatalogTable], ruling: Ruling): FileIndex =
    (index, table) match {
      case (listed: InMemoryFileIndex, Some(known)) if known.partitionColumnNames.nonEmpty =>
        CatalogPartitions.allInTheirPlaces(session, known, ruling)(listed.partitionSpec().partitions)
        listed
      case (listed: InMemoryFileIndex, _) => listed
      case (inCatalog: CatalogFileIndex, Some(known)) =>
        new CheckedPartitions(session, inCatalog, CatalogPartitions.allInTheirPlaces(session, known, ruling))
      case _ => throw ruling.refusal(s"its files are listed by ${index.getClass.getName}, which is not known (policy)")
    }

  private def lower(name: String): String = name.toLowerCase(Locale.ROOT)

  /** As policies call it. */
  private def word(dataType: DataType): String = dataType match {
    case decimal: DecimalType => s"decimal(${decimal.precision},${decimal.scale})"
    case other => other.simpleString
  }
}
