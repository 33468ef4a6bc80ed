package authorizer.spark

import org.apache.hadoop.fs.Path
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.catalog.{CatalogTable, HiveTableRelation}
import org.apache.spark.sql.catalyst.expressions.{Expression, PlanExpression}
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan
import org.apache.spark.sql.execution.FileSourceScanExec
import org.apache.spark.sql.execution.datasources.{CatalogFileIndex, HadoopFsRelation, LogicalRelation}
import org.apache.spark.sql.execution.datasources.v2.{DataSourceV2Relation, FileTable}

/** Which leaves of a plan read files, and which files. */
final class Relations(session: SparkSession, settings: AuthorizerSettings) {
  private def conf = session.sessionState.newHadoopConf()

  /** @return `None` for what reads no files that policies are about */
  def source(leaf: LogicalPlan): Option[Source] = leaf match {
    case relation: LogicalRelation =>
      relation.relation match {
        case files: HadoopFsRelation =>
          val table = relation.catalogTable
          source(files.location.rootPaths ++ partitions(files, table), Formats.name(files.fileFormat), table)
        case _ => relation.catalogTable.flatMap(source)
      }
    case relation: HiveTableRelation => source(relation.tableMeta)
    case relation: DataSourceV2Relation =>
      relation.table match {
        case files: FileTable => source(files.fileIndex.rootPaths, files.formatName.toLowerCase, None)
        case other =>
          Option(other.properties.get("location")).flatMap(place => source(Seq(new Path(place)), other.name, None))
      }
    case _ => None
  }

  def source(table: CatalogTable): Option[Source] = {
    val places = table.storage.locationUri.toSeq.map(new Path(_)) ++ partitions(table)
    source(places, table.provider.getOrElse("hive"), Some(table))
  }

  def source(scan: FileSourceScanExec): Option[Source] =
    source(scan.relation.location.rootPaths, Formats.name(scan.relation.fileFormat), None)

  def source(path: Path, format: String): Option[Source] = source(Seq(path), format, None)

  private def source(paths: Seq[Path], format: String, table: Option[CatalogTable]): Option[Source] =
    Source(paths, format, table.map(_.identifier.unquotedString), settings, conf)

  /** Partitions lie where the catalog says, which need not be below the table. */
  private def partitions(files: HadoopFsRelation, table: Option[CatalogTable]): Seq[Path] =
    files.location match {
      case _: CatalogFileIndex => table.toSeq.flatMap(partitions)
      case _ => Nil
    }

  private def partitions(table: CatalogTable): Seq[Path] =
    if (table.partitionColumnNames.isEmpty || !table.tracksPartitionsInCatalog || table.storage.locationUri.isEmpty) Nil
    else {
      val root = new Path(table.storage.locationUri.get).toString.stripSuffix("/") + "/"
      session.sessionState.catalog.listPartitions(table.identifier).flatMap(_.storage.locationUri)
        .map(new Path(_)).filterNot(_.toString.startsWith(root))
    }
}

object Relations {
  /** Every relation that files may be behind, and every marker, in subqueries too; nothing below a marker. */
  def in(plan: LogicalPlan): Seq[LogicalPlan] = plan match {
    case marker: Governed => Seq(marker)
    case relation @ (_: LogicalRelation | _: HiveTableRelation | _: DataSourceV2Relation) => Seq(relation)
    case other => (other.children ++ subqueries(other).map(_._2)).flatMap(in)
  }

  /** The expressions of a node that have plans in them, each with its plan. */
  def subqueries(node: LogicalPlan): Seq[(Expression, LogicalPlan)] =
    node.expressions
      .flatMap(_.collect { case holder: PlanExpression[_] => (holder: Expression) -> (holder.plan: Any) })
      .collect { case (holder, plan: LogicalPlan) => holder -> plan }
}
