package authorizer.spark

import org.apache.hadoop.fs.Path
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.catalog.{CatalogTable, HiveTableRelation}
import org.apache.spark.sql.catalyst.expressions.{Expression, PlanExpression}
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan
import org.apache.spark.sql.catalyst.util.CaseInsensitiveMap
import org.apache.spark.sql.execution.FileSourceScanExec
import org.apache.spark.sql.execution.datasources._
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

  /**
   * What a relation of a library may read besides, as far as it names it: such have no fields of a known kind.
   *
   * @return each path by itself: not all of them need be read
   */
  def named(leaf: LogicalPlan): Seq[Source] = leaf match {
    case relation: LogicalRelation =>
      relation.relation match {
        case _: HadoopFsRelation => Nil
        case other => named(NamedPaths.in(other), other.getClass.getName)
      }
    case relation: DataSourceV2Relation =>
      relation.table match {
        case _: FileTable => Nil
        case other => named(Seq(relation.options, other.properties, other).flatMap(NamedPaths.in(_)), other.getClass.getName)
      }
    case _ => Nil
  }

  def named(stream: Relations.Stream): Seq[Source] = named(stream.paths, "stream")

  def named(paths: Seq[Path], format: String): Seq[Source] = paths.distinct.flatMap(source(_, format))

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

  /**
   * Something that a stream reads.
   *
   * @param isOfFiles whether each of its batches is a relation of some of its files
   */
  final case class Stream(paths: Seq[Path], isOfFiles: Boolean)

  /** None for what is no stream, and for the rows of one batch. */
  def stream(leaf: LogicalPlan): Option[Stream] =
    if (!leaf.isStreaming || leaf.children.nonEmpty || leaf.isInstanceOf[LogicalRelation]) None
    else Some(leaf.productIterator.collectFirst { case source: DataSource => source } match {
      case Some(source) if classOf[FileFormat].isAssignableFrom(source.providingClass) =>
        // Patterns are for the batches, which name files.
        val named = source.paths ++ CaseInsensitiveMap(source.options).get("path")
        Stream(named.map(new Path(_)).filterNot(NamedPaths.isPattern), isOfFiles = true)
      case Some(source) => Stream(NamedPaths.in((source.paths, source.options)), isOfFiles = false)
      case None => Stream(leaf.productIterator.flatMap(NamedPaths.in).toList, isOfFiles = false)
    })

  /** The expressions of a node that have plans in them, each with its plan. */
  def subqueries(node: LogicalPlan): Seq[(Expression, LogicalPlan)] =
    node.expressions
      .flatMap(_.collect { case holder: PlanExpression[_] => (holder: Expression) -> (holder.plan: Any) })
      .collect { case (holder, plan: LogicalPlan) => holder -> plan }
}
