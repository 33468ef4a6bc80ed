package authorizer.spark

import org.apache.hadoop.fs.Path
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.catalog.{CatalogTable, HiveTableRelation}
import org.apache.spark.sql.catalyst.expressions.{Expression, PlanExpression}
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan
import org.apache.spark.sql.catalyst.trees.TreePattern
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
          source(read(files.location) ++ partitions(files, table), Formats.name(files.fileFormat), table)
        case _ => relation.catalogTable.flatMap(source)
      }
    // Its partitions are looked at when they are about to be read.
    case relation: HiveTableRelation => source(root(relation.tableMeta), "hive", Some(relation.tableMeta))
    case relation: DataSourceV2Relation =>
      relation.table match {
        case files: FileTable => source(read(files.fileIndex), files.formatName.toLowerCase, None)
        case other =>
          Option(other.properties.get("location")).flatMap(place => source(Seq(new Path(place)), other.name, None))
      }
    case _ => None
  }

  /** Of all partitions that the catalog knows at this moment. */
  def source(table: CatalogTable): Option[Source] =
    source(root(table) ++ partitions(table), table.provider.getOrElse("hive"), Some(table))

  private def root(table: CatalogTable): Seq[Path] =
    table.storage.locationUri.toSeq.map(new Path(_)) ++ HiveInputs.besides(table, table.storage)

  def source(scan: FileSourceScanExec): Option[Source] = source(scan, scan.relation.location.rootPaths)

  /** As `source`, if all that is read are partitions of one directory: that directory. */
  def sourceOfAll(scan: FileSourceScanExec): Option[Source] = {
    val columns = scan.relation.partitionSchema.map(_.name)
    scan.relation.location.rootPaths.map(Relations.above(_, columns)).distinct match {
      case Seq(Some(root)) => source(scan, Seq(root))
      case _ => None
    }
  }

  private def source(scan: FileSourceScanExec, paths: Seq[Path]): Option[Source] =
    source(paths, Formats.name(scan.relation.fileFormat), None)

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

  /**
   * The relation, with a look at partitions that lie elsewhere than the table, when they are listed for being read.
   *
   * @param rulings as the authority gives them
   */
  def withCheckedPartitions(relation: LogicalRelation, rulings: Seq[Source] => Seq[Ruling]): LogicalRelation =
    relation.relation match {
      case files @ HadoopFsRelation(index: CatalogFileIndex, _, _, _, format, _) if !index.isInstanceOf[CheckedPartitions] =>
        val check: CatalogPartitions.Check = partitions => {
          val others = CatalogPartitions.elsewhere(index.table, partitions.map(_.path))
          // What holds for the table does, as long as it holds for both.
          if (others.nonEmpty) rulings(source(others ++ index.rootPaths, Formats.name(format), relation.catalogTable).toSeq)
            .find(_.isDenied).foreach { denied =>
              throw Refusal.inWords(s"`${index.table.identifier.unquotedString}` has partitions elsewhere: ${denied.denialWords}")
            }
        }
        val checked = files.copy(location = new CheckedPartitions(session, index, check))(session)
        Copies.of(relation, "relation" -> checked)()(relation.copy(relation = checked))
      case _ => relation
    }

  /** What an index says that it reads, and what it reads besides: the log of a stream's files may name any. */
  private def read(index: FileIndex): Seq[Path] = index.rootPaths ++ (index match {
    case _: InMemoryFileIndex => Nil
    case log: PartitioningAwareFileIndex =>
      val roots = log.rootPaths.map(_.toString.stripSuffix("/") + "/")
      log.allFiles().map(_.getPath).filterNot(file => roots.exists(file.toString.startsWith(_)))
    case _ => Nil
  })

  /** Partitions lie where the catalog says, which need not be below the table. */
  private def partitions(files: HadoopFsRelation, table: Option[CatalogTable]): Seq[Path] =
    files.location match {
      case _: CheckedPartitions => Nil
      case _: CatalogFileIndex => table.toSeq.flatMap(partitions)
      case _ => Nil
    }

  private def partitions(table: CatalogTable): Seq[Path] =
    if (table.partitionColumnNames.isEmpty || !table.tracksPartitionsInCatalog || table.storage.locationUri.isEmpty) Nil
    else {
      val all = session.sessionState.catalog.listPartitions(table.identifier).map(_.storage)
      CatalogPartitions.elsewhere(table, all.flatMap(_.locationUri).map(new Path(_))) ++
        all.flatMap(HiveInputs.besides(table, _)).distinct
    }
}

object Relations {
  /** Every relation that files may be behind, and every marker, in subqueries too; nothing below a marker. */
  def in(plan: LogicalPlan): Seq[LogicalPlan] = plan match {
    case marker: Governed => Seq(marker)
    case relation @ (_: LogicalRelation | _: HiveTableRelation | _: DataSourceV2Relation) => Seq(relation)
    case other => (other.children ++ subqueries(other).map(_._2)).flatMap(in)
  }

  /** The directory in which a partition by these columns lies, if it lies as such are laid. */
  private def above(path: Path, columns: Seq[String]): Option[Path] =
    columns.foldRight(Option(path)) { (column, below) =>
      below.filter(_.getName.startsWith(s"$column=")).flatMap(inner => Option(inner.getParent))
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
    if (!node.containsPattern(TreePattern.PLAN_EXPRESSION)) Nil
    else node.expressions
      .flatMap(_.collect { case holder: PlanExpression[_] => (holder: Expression) -> (holder.plan: Any) })
      .collect { case (holder, plan: LogicalPlan) => holder -> plan }
}
