package authorizer.spark

import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.catalog.HiveTableRelation
import org.apache.spark.sql.catalyst.expressions._
import org.apache.spark.sql.catalyst.plans.logical._
import org.apache.spark.sql.catalyst.rules.Rule
import org.apache.spark.sql.execution.datasources.{HadoopFsRelation, LogicalRelation}
import org.apache.spark.sql.types.Metadata

/**
 * Puts the policies over every relation of a plan that reads a table which they know.
 *
 * In the place of a relation comes the same one with fresh expression ids, a filter, and a projection that gives the
 * columns back under their old ids, so that nothing above it changes; and a marker around all of it. The policies are
 * those of the moment: a plan that was analysed before is looked at again whenever it becomes part of another.
 */
case class GovernRelations(session: SparkSession) extends Rule[LogicalPlan] {
  private lazy val authority = Authority.of(session.sparkContext)
  private lazy val relations = new Relations(session, authority.settings)
  private lazy val commands = new Commands(authority, relations, new Mentions(session, relations))
  /** When the first table is read that policies know: sessions without such have no listener. */
  private lazy val reporting: Unit =
    session.listenerManager.register(new QueryReports(authority, session.sparkContext.applicationId))

  override def apply(plan: LogicalPlan): LogicalPlan = {
    if (authority.leavesAlone(plan)) return plan
    commands.check(plan)
    if (Relations.in(plan).isEmpty) plan else governed(checkingPartitions(plan))
  }

  private def governed(plan: LogicalPlan): LogicalPlan = {
    val found = Relations.in(plan).map(raw)
    val sources = found.map(relations.source(_))
    val answers = authority.rulings(sources.flatten)
    if (answers.exists(_.isMarked)) reporting
    val rulings = answers.iterator
    val known = new java.util.IdentityHashMap[LogicalPlan, Ruling]
    found.zip(sources).foreach { case (relation, source) => if (source.isDefined) known.put(relation, rulings.next()) }
    // One question for the whole plan; then each relation by its answer.
    govern(plan, relation => Option(known.get(relation)))
  }

  private def checkingPartitions(plan: LogicalPlan): LogicalPlan = plan match {
    case marker: Governed => marker
    case relation: LogicalRelation => relations.withCheckedPartitions(relation, authority.rulings)
    case other => mapped(other)(checkingPartitions)
  }

  private def raw(relation: LogicalPlan): LogicalPlan = relation match {
    case marker: Governed => marker.raw.relation
    case other => other
  }

  private def govern(plan: LogicalPlan, ruling: LogicalPlan => Option[Ruling]): LogicalPlan = plan match {
    case marker: Governed =>
      ruling(marker.raw.relation) match {
        case Some(now) if now.isMarked && now == marker.ruling => marker
        case now => governed(marker.raw.relation, marker.output, now)
      }
    case relation if ruling(relation).isDefined => governed(relation, relation.output, ruling(relation))
    case other => mapped(other)(govern(_, ruling))
  }

  /** The plans below a node, and in its expressions. */
  private def mapped(node: LogicalPlan)(change: LogicalPlan => LogicalPlan): LogicalPlan =
    node.mapChildren(change).transformExpressions {
      case subquery: SubqueryExpression =>
        val plan = change(subquery.plan)
        if (plan eq subquery.plan) subquery else subquery.withNewPlan(plan)
    }

  /** @param output the columns as the plan above knows them */
  private def governed(relation: LogicalPlan, output: Seq[Attribute], ruling: Option[Ruling]): LogicalPlan =
    ruling match {
      case Some(now) if now.isDenied => throw now.denial
      case Some(now) if now.isRestricted => Governed(restricted(relation, output, now), now, new Raw(relation))
      case Some(now) if now.isMarked => Governed(renamed(relation, output), now, new Raw(relation))
      case _ => renamed(relation, output)
    }

  private def renamed(relation: LogicalPlan, output: Seq[Attribute]): LogicalPlan =
    if (relation.output.map(_.exprId) == output.map(_.exprId)) relation
    else {
      val fresh = relation.asInstanceOf[org.apache.spark.sql.catalyst.analysis.MultiInstanceRelation].newInstance()
      Project(fresh.output.zip(output).map { case (column, old) => alias(column, old) }, fresh)
    }

  private def restricted(relation: LogicalPlan, output: Seq[Attribute], ruling: Ruling): LogicalPlan = relation match {
    case logical: LogicalRelation =>
      logical.relation match {
        case files: HadoopFsRelation =>
          val pinned = Formats.pinned(session, files, logical.catalogTable, ruling)
          // Statistics are of all rows, and estimates made of them are shown.
          val table = logical.catalogTable.map(known => Copies.of(known, "stats" -> None)()(known.copy(stats = None)))
          // Metadata of columns can say by which other name or number they are read.
          val columns = logical.output.map { column =>
            if (pinned.schema.exists(_.name.equalsIgnoreCase(column.name))) column.withMetadata(Metadata.empty) else column
          }
          val read = Copies.of(logical, "relation" -> pinned, "output" -> columns, "catalogTable" -> table)()(
            logical.copy(relation = pinned, output = columns, catalogTable = table))
          hiding(read.newInstance(), output, ruling)
        case other => throw notUnderstood(other.getClass.getName, ruling)
      }
    case hive: HiveTableRelation => restricted(Formats.ofHive(session, hive, ruling), output, ruling)
    case other => throw notUnderstood(other.getClass.getSimpleName, ruling)
  }

  private def notUnderstood(what: String, ruling: Ruling): Exception =
    ruling.refusal(s"rows or columns of it are hidden, and relations of the kind $what are not understood (policy)")

  private def hiding(relation: LogicalPlan, output: Seq[Attribute], ruling: Ruling): LogicalPlan = {
    try PolicyTypes.resolving {
      val expressions = new PolicyExpressions(PolicyExpressions.byName(relation.output))
      val masking = new Masking(expressions)
      val masks = ruling.masks.groupBy(mask => expressions.column(mask.column))
      val conditions = ruling.filters.map(filter => expressions(filter.condition))
      val filtered = conditions.reduceOption(And(_, _)).fold(relation)(Filter(_, relation))
      Project(
        relation.output.zip(output).map { case (column, old) =>
          alias(masks.get(column).fold(column: Expression)(masking(column, _)), old)
        }, filtered)
    } catch {
      case error @ (_: IllegalArgumentException | _: NoSuchElementException) =>
        throw ruling.refusal(s"its policies cannot be put to work here: ${error.getMessage} (policy)")
    }
  }

  private def alias(value: Expression, old: Attribute): NamedExpression =
    Alias(value, old.name)(old.exprId, old.qualifier, Some(old.metadata))
}
