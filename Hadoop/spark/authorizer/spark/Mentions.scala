package authorizer.spark

import org.apache.hadoop.fs.Path
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.authorizer.SessionTable
import org.apache.spark.sql.catalyst.TableIdentifier
import org.apache.spark.sql.catalyst.analysis.ResolvedTable
import org.apache.spark.sql.catalyst.catalog.CatalogTable
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan
import org.apache.spark.sql.execution.datasources.v2.FileTable

/**
 * The files that a node of a plan names in its fields: as far as the fields are of kinds that name files; and of a node
 * that nobody knows in every way that [[NamedPaths]] finds.
 */
final class Mentions(session: SparkSession, relations: Relations) {
  def in(node: LogicalPlan): Seq[Source] = {
    val strange = if (PlanNodes.isKnown(node)) Nil else relations.named(NamedPaths.in(node), "unknown")
    node.productIterator.flatMap(of).toList ++ strange
  }

  def of(value: Any): Seq[Source] = value match {
    case table: CatalogTable => relations.source(table).toSeq
    case name: TableIdentifier => named(name)
    case table: ResolvedTable =>
      table.table match {
        case SessionTable(inCatalog) => relations.source(inCatalog).toSeq
        case files: FileTable => files.fileIndex.rootPaths.flatMap(relations.source(_, files.formatName))
        case other => Option(other.properties.get("location")).flatMap(p => relations.source(new Path(p), other.name)).toSeq
      }
    case path: Path => relations.source(path, "unknown").toSeq
    case plan: LogicalPlan => below(plan)
    case Some(inner) => of(inner)
    case several: Iterable[_] => several.flatMap(of).toSeq
    case (first, second) => of(first) ++ of(second)
    case _ => Nil
  }

  /** What a plan reads. */
  def below(plan: LogicalPlan): Seq[Source] = Relations.in(plan).flatMap {
    case marker: Governed => relations.source(marker.raw.relation)
    case relation => relations.source(relation)
  }

  private def named(name: TableIdentifier): Seq[Source] = {
    val catalog = session.sessionState.catalog
    if (catalog.isTempView(name) || !catalog.tableExists(name)) Nil
    else relations.source(catalog.getTableMetadata(name)).toSeq
  }
}
