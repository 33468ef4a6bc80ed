package authorizer.spark

import org.apache.hadoop.fs.Path
import org.apache.spark.sql.{SaveMode, SparkSession}
import org.apache.spark.sql.authorizer.SessionTable
import org.apache.spark.sql.catalyst.TableIdentifier
import org.apache.spark.sql.catalyst.analysis.ResolvedTable
import org.apache.spark.sql.catalyst.catalog.CatalogTable
import org.apache.spark.sql.catalyst.plans.logical._
import org.apache.spark.sql.execution.datasources.InsertIntoHadoopFsRelationCommand
import org.apache.spark.sql.execution.datasources.v2.{DataSourceV2Relation, FileTable}

/**
 * Commands about tables of which something is hidden. One that is not known to show or lose nothing is refused:
 * statistics and names of partitions show values, and who overwrites what they see loses what they do not see.
 */
final class Commands(session: SparkSession, authority: Authority, relations: Relations) {
  import Commands._

  /** @throws org.apache.spark.sql.AnalysisException for a command that is refused */
  def check(plan: LogicalPlan): Unit = plan match {
    case command: Command =>
      command.children.foreach(check)
      if (!harmless(command.getClass.getSimpleName)) refuseIfHidden(command)
    case _: Governed =>
    case other => other.children.foreach(check)
  }

  private def refuseIfHidden(command: LogicalPlan): Unit = {
    val sources = touched(command).distinct
    if (sources.nonEmpty) authority.rulings(sources).find(ruling => ruling.isRestricted || ruling.isDenied).foreach {
      case denied if denied.isDenied => throw Refusal.inWords(denied.message)
      case hidden =>
        throw hidden.refusal(s"rows or columns of it are hidden from you, and ${command.nodeName} is refused then (policy)")
    }
  }

  /** What a command says that it is about: in its fields and the first of its children, not in the queries it holds. */
  private def touched(command: LogicalPlan): Seq[Source] = command match {
    case insert: InsertIntoHadoopFsRelationCommand =>
      if (insert.mode == SaveMode.Overwrite) relations.source(insert.outputPath, Formats.name(insert.fileFormat)).toSeq
      else Nil
    case write: V2WriteCommand => if (write.isInstanceOf[AppendData]) Nil else mentioned(write.table)
    case other =>
      val targets = other.children.flatMap(mentioned) ++ other.children.flatMap(Relations.in).flatMap {
        case marker: Governed => relations.source(marker.raw.relation)
        case relation => relations.source(relation)
      }
      targets ++ other.productIterator.flatMap(mentioned)
  }

  private def mentioned(value: Any): Seq[Source] = value match {
    case table: CatalogTable => relations.source(table).toSeq
    case name: TableIdentifier => source(name)
    case table: ResolvedTable =>
      table.table match {
        case SessionTable(inCatalog) => relations.source(inCatalog).toSeq
        case files: FileTable => files.fileIndex.rootPaths.flatMap(relations.source(_, files.formatName))
        case other => Option(other.properties.get("location")).flatMap(p => relations.source(new Path(p), other.name)).toSeq
      }
    case relation: DataSourceV2Relation => relations.source(relation).toSeq
    case relation: LogicalPlan => relations.source(relation).toSeq
    case Some(inner) => mentioned(inner)
    case several: Seq[_] => several.flatMap(mentioned)
    case _ => Nil
  }

  private def source(name: TableIdentifier): Seq[Source] = {
    val catalog = session.sessionState.catalog
    if (catalog.isTempView(name) || !catalog.tableExists(name)) Nil
    else relations.source(catalog.getTableMetadata(name)).toSeq
  }
}

object Commands {
  /** They show names and types only, or change what HDFS's own permissions and the catalog are about. */
  private val harmless = Set(
    "AddColumns", "AlterTableAddColumnsCommand", "AlterTableRenameCommand", "AlterTableSetPropertiesCommand",
    "AlterTableUnsetPropertiesCommand", "AlterViewAsCommand", "CacheTable", "CacheTableAsSelect", "CommentOnTable",
    "CreateDataSourceTableAsSelectCommand", "CreateDataSourceTableCommand", "CreateFunctionCommand", "CreateTable",
    "CreateTableAsSelect", "CreateTableCommand", "CreateTableLikeCommand", "CreateTempViewUsing", "CreateView",
    "CreateViewCommand", "DescribeRelation", "DescribeTableCommand", "DropTable", "DropTableCommand", "DropView",
    "ExplainCommand", "NoopCommand", "RefreshTable", "RefreshTableCommand", "SaveIntoDataSourceCommand", "ShowColumns",
    "ShowColumnsCommand", "ShowCreateTable", "ShowCreateTableCommand", "ShowTableProperties",
    "ShowTablePropertiesCommand", "UncacheTable")
}
