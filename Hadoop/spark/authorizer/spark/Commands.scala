package authorizer.spark

import org.apache.spark.sql.SaveMode
import org.apache.spark.sql.catalyst.plans.logical._
import org.apache.spark.sql.execution.command.DescribeTableCommand
import org.apache.spark.sql.execution.datasources.InsertIntoHadoopFsRelationCommand

/**
 * Commands about tables of which something is hidden. One that is not known to show or lose nothing is refused:
 * statistics and names of partitions show values, and who overwrites what they see loses what they do not see.
 */
final class Commands(authority: Authority, relations: Relations, mentions: Mentions) {

  /** @throws org.apache.spark.sql.AnalysisException for a command that is refused */
  def check(plan: LogicalPlan): Unit = plan match {
    case command: Command =>
      command.children.foreach(check)
      if (!PlanNodes.isHarmless(command) || asksForPartition(command)) refuseIfHidden(command)
    case _: Governed =>
    case other => other.children.foreach(check)
  }

  /** Whether there is a partition tells whether there is such a value. */
  private def asksForPartition(command: Command): Boolean = command match {
    case describe: DescribeTableCommand => describe.partitionSpec.nonEmpty
    case _ => false
  }

  private def refuseIfHidden(command: LogicalPlan): Unit = {
    val sources = touched(command).distinct
    if (sources.nonEmpty) authority.rulings(sources).find(ruling => ruling.isRestricted || ruling.isDenied).foreach {
      case denied if denied.isDenied => throw denied.denial
      case hidden =>
        throw hidden.refusal(s"rows or columns of it are hidden from you, and ${command.nodeName} is refused then (policy)")
    }
  }

  /** What a command says that it is about: in its fields, and of its children what they read. */
  private def touched(command: LogicalPlan): Seq[Source] = command match {
    case insert: InsertIntoHadoopFsRelationCommand =>
      if (insert.mode == SaveMode.Overwrite) relations.source(insert.outputPath, Formats.name(insert.fileFormat)).toSeq
      else Nil
    case write: V2WriteCommand => if (write.isInstanceOf[AppendData]) Nil else mentions.of(write.table)
    case other => other.children.flatMap(mentions.of) ++ mentions.in(other)
  }
}
