package authorizer.spark

import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.plans.logical.{Command, LogicalPlan}

/**
 * Lets no plan go on in which a table that policies know is read without them, whatever became of [[GovernRelations]];
 * nor one in which something that is not understood stands over a table of which something is hidden.
 */
case class CheckGoverned(session: SparkSession) extends (LogicalPlan => Unit) {
  private lazy val authority = Authority.of(session.sparkContext)
  private lazy val relations = new Relations(session, authority.settings)
  private lazy val mentions = new Mentions(session, relations)

  override def apply(plan: LogicalPlan): Unit = if (!authority.leavesAlone(plan)) {
    val read = Relations.in(plan).filterNot(_.isInstanceOf[Governed])
    val bare = read.flatMap(relations.source(_))
    if (bare.nonEmpty) authority.rulings(bare).find(ruling => ruling.isMarked || ruling.isDenied).foreach { ruling =>
      throw ruling.refusal("the policies could not be put over it in this query (policy)")
    }
    refuseHidden(read.flatMap(relations.named(_)))("relations of this kind are not understood")
    hidden(plan)
    checkStreams(plan)
  }

  private def refuseHidden(sources: Seq[Source])(why: String): Unit =
    if (sources.nonEmpty) authority.rulings(sources).find(ruling => ruling.isRestricted || ruling.isDenied).foreach {
      case denied if denied.isDenied => throw denied.denial
      case hidden => throw hidden.refusal(s"rows or columns of it are hidden from you, and $why (policy)")
    }

  /**
   * A stream of files is not filtered and masked itself: what it reads becomes a relation in each batch, under the
   * policies of then. What else it may be is not understood.
   */
  private def checkStreams(plan: LogicalPlan): Unit = if (plan.isStreaming) {
    val streams = plan.collectLeaves().flatMap(Relations.stream(_))
    val (files, others) = streams.partition(_.isOfFiles)
    refuseHidden(others.flatMap(relations.named(_))) {
      "streams of this kind are not understood; read it as a stream of files"
    }
    // Whoever may not read it at all need not wait for the first batch to be told so.
    val covered = files.flatMap(relations.named(_))
    if (covered.nonEmpty)
      authority.rulings(covered).find(_.isDenied).foreach(ruling => throw ruling.denial)
  }

  /**
   * The decision on a table of which something is hidden, if the plan reads one.
   *
   * @throws org.apache.spark.sql.AnalysisException if a node over it is not understood
   */
  private def hidden(plan: LogicalPlan): Option[Ruling] = plan match {
    case marker: Governed => Some(marker.ruling).filter(_.isRestricted)
    // Commands have rules of their own.
    case command: Command =>
      command.children.foreach(hidden)
      None
    case other =>
      val subqueries = Relations.subqueries(other)
      val below = (other.children ++ subqueries.map(_._2)).flatMap(hidden(_))
      val strange = (other +: subqueries.map(_._1)).find(!PlanNodes.isSeenThrough(_))
      strange.foreach { node =>
        (below.headOption ++ named(other)).headOption.foreach { ruling =>
          if (ruling.isDenied) throw ruling.denial
          throw ruling.refusal(
            s"rows or columns of it are hidden from you, and `${node.getClass.getName}` is not understood (policy)")
        }
      }
      below.headOption
  }

  /** What a node that nobody knows names in its fields may be what it reads. */
  private def named(node: LogicalPlan): Option[Ruling] = {
    val sources = mentions.in(node)
    if (sources.isEmpty) None
    else authority.rulings(sources).find(ruling => ruling.isRestricted || ruling.isDenied)
  }
}
