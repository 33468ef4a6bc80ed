package authorizer.spark

import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan

/** Lets no plan go on in which a table that policies know is read without them, whatever became of [[GovernRelations]]. */
case class CheckGoverned(session: SparkSession) extends (LogicalPlan => Unit) {
  private lazy val authority = Authority.of(session.sparkContext)
  private lazy val relations = new Relations(session, authority.settings)

  override def apply(plan: LogicalPlan): Unit = {
    val bare = Relations.in(plan).filterNot(_.isInstanceOf[Governed]).flatMap(relations.source(_))
    if (bare.nonEmpty) authority.rulings(bare).find(ruling => ruling.isMarked || ruling.isDenied).foreach { ruling =>
      throw ruling.refusal("the policies could not be put over it in this query (policy)")
    }
  }
}
