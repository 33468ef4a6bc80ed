package authorizer.spark

import org.apache.hadoop.fs.Path
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.catalog.{CatalogStorageFormat, CatalogTable, CatalogTablePartition, ExternalCatalogUtils}
import org.apache.spark.sql.catalyst.expressions.Expression
import org.apache.spark.sql.execution.datasources.{CatalogFileIndex, InMemoryFileIndex, PartitionPath, PartitioningUtils}

/**
 * The partitions of a table whose catalog keeps them. They may lie anywhere, and others may be added at any time: a plan
 * may be carried out long after it was looked at. So they are checked when they are listed for being read, and only those
 * that are; a table of many partitions is not listed for the policies' sake.
 *
 * @param check throws for a partition that is not to be read
 */
final class CheckedPartitions(session: SparkSession, index: CatalogFileIndex, check: CatalogPartitions.Check)
  extends CatalogFileIndex(session, index.table, index.sizeInBytes) {

  /** Everything that is read of the table is listed by this. */
  override def filterPartitions(filters: Seq[Expression]): InMemoryFileIndex = {
    val listed = super.filterPartitions(filters)
    check(listed.partitionSpec().partitions)
    listed
  }

  /** Not the same as an unchecked one: a plan keeps what equals its successor, and a cache without checks is no answer. */
  override def equals(other: Any): Boolean = other match {
    case checked: CheckedPartitions => table.identifier == checked.table.identifier
    case _ => false
  }

  override def hashCode: Int = super.hashCode
}

object CatalogPartitions {
  type Check = Seq[PartitionPath] => Unit

  /** Those that are not known to be below the directory of the table, in the same file system. */
  def elsewhere(table: CatalogTable, partitions: Seq[Path]): Seq[Path] =
    table.storage.locationUri.map(new Path(_).toString.stripSuffix("/") + "/").fold(partitions) { root =>
      partitions.filterNot(_.toString.startsWith(root))
    }

  /** For a table of which something is hidden: filters go by the values that a partition is said to have. */
  def allInTheirPlaces(session: SparkSession, table: CatalogTable, ruling: Ruling): Check = partitions =>
    partitions.find(!isInItsPlace(session, table, _)).foreach { strange =>
      throw ruling.refusal(s"a partition of `${table.identifier.unquotedString}` lies elsewhere, at ${strange.path} (policy)")
    }

  private def isInItsPlace(session: SparkSession, table: CatalogTable, partition: PartitionPath): Boolean = {
    val columns = table.partitionColumnNames
    val names = Iterator.iterate(partition.path)(_.getParent).takeWhile(_ != null).take(columns.length).map(_.getName).toList
    names.forall(_.contains('=')) && {
      val spec = PartitioningUtils.parsePathFragment(names.reverse.mkString("/"))
      columns.forall(spec.contains) && {
        val place = ExternalCatalogUtils.generatePartitionPath(spec, columns, new Path(table.location))
        val said = CatalogTablePartition(spec, CatalogStorageFormat.empty)
          .toRow(table.partitionSchema, session.sessionState.conf.sessionLocalTimeZone)
        place.toUri.getPath == partition.path.toUri.getPath && said == partition.values
      }
    }
  }
}
