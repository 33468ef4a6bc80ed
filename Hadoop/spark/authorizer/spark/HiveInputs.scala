package authorizer.spark

import org.apache.hadoop.fs.Path
import org.apache.spark.sql.catalyst.catalog.{CatalogStorageFormat, CatalogTable}
import org.apache.spark.sql.execution.command.DDLUtils

/**
 * By which class a table of Hive, or one of its partitions, is read. Some read files that lie elsewhere, which the files of
 * the table name, or a setting of the session.
 */
object HiveInputs {
  /** What may be read besides the directory: nothing, or everything. */
  def besides(table: CatalogTable, storage: CatalogStorageFormat): Seq[Path] =
    if (DDLUtils.isHiveTable(table) && storage.inputFormat.exists(!ofOwnFiles(_))) Seq(new Path("hdfs:/")) else Nil

  /** They read the files of their directory, and no others. */
  private val ofOwnFiles = Set(
    "org.apache.hadoop.mapred.TextInputFormat", "org.apache.hadoop.mapred.SequenceFileInputFormat",
    "org.apache.hadoop.hive.ql.io.RCFileInputFormat", "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat")
}
