package authorizer.spark

import java.nio.charset.StandardCharsets.UTF_8
import java.security.MessageDigest
import java.util.concurrent.{LinkedBlockingQueue, RejectedExecutionException, ThreadPoolExecutor, TimeUnit}

import scala.util.control.NonFatal

import org.apache.spark.internal.Logging
import org.apache.spark.sql.execution.{QueryExecution, ReusedSubqueryExec, SparkPlan}
import org.apache.spark.sql.execution.adaptive.{AdaptiveSparkPlanExec, QueryStageExec}
import org.apache.spark.sql.execution.exchange.ReusedExchangeExec
import org.apache.spark.sql.util.QueryExecutionListener

/**
 * Tells the service what queries over tables that policies know have read, for its audit.
 *
 * It is the session's word, and comes after the query: what may be read was recorded before, with the look-up.
 */
final class QueryReports(authority: Authority, application: String) extends QueryExecutionListener with Logging {
  private val sender = new ThreadPoolExecutor(
    1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue[Runnable](QueryReports.mostWaiting), { task: Runnable =>
      val thread = new Thread(task, "authorizer-reports")
      thread.setDaemon(true)
      thread
    })
  sender.allowCoreThreadTimeOut(true)

  override def onSuccess(function: String, query: QueryExecution, nanoseconds: Long): Unit = report(query)

  override def onFailure(function: String, query: QueryExecution, error: Exception): Unit = report(query)

  /** Never in the way of the session. */
  private def report(query: QueryExecution): Unit =
    try {
      val markers = Relations.in(query.analyzed).collect { case marker: Governed => marker }
      if (markers.nonEmpty) {
        val scans = QueryReports.scans(query.executedPlan)
        val tables = markers.groupBy(_.ruling).toSeq.map { case (ruling, occurrences) =>
          new TableRead(ruling, occurrences.length, scans.filter(_.report.ruling == ruling))
        }
        val text = query.logical.origin.sqlText
        sender.execute(() => send(tables, text))
      }
    } catch {
      case _: RejectedExecutionException => logWarning("a query is not in the audit as such: too many reports wait")
      case NonFatal(error) => logWarning(s"a query is not in the audit as such: ${error.getMessage}")
    }

  private def send(tables: Seq[TableRead], text: Option[String]): Unit =
    try {
      val request = ServiceConnection.mapper.createObjectNode
      request.put("principal", tables.head.ruling.principal).put("application", application)
      request.put("policyVersion", tables.map(_.ruling.policyVersion).max)
      text.foreach(words => request.put("textHash", QueryReports.hash(words)))
      val list = request.putArray("tables")
      for (read <- tables.take(QueryReports.mostTables); dataSource <- read.ruling.dataSources) {
        val table = list.addObject().put("dataSource", dataSource)
        def put(field: String, names: Seq[String]): Unit = {
          val array = table.putArray(field)
          names.distinct.foreach(name => array.add(name))
        }
        put("columns", read.columns)
        put("masks", read.ruling.masks.map(_.policy))
        put("filters", read.ruling.filters.map(_.policy))
        put("grants", read.grants.take(QueryReports.mostGrants))
        read.rowsNotShown.foreach { rows =>
          table.putObject("rowsNotShown").put("count", rows.count).put("isLeast", rows.isLeast)
        }
      }
      authority.report(request)
    } catch {
      case NonFatal(error) => logWarning(s"a query is not in the audit as such: ${error.getMessage}")
    }
}

/**
 * What a query that has ended read of one table.
 *
 * @param occurrences of the table in the query
 * @param scans that were carried out for them; one may have served several
 */
private final class TableRead(val ruling: Ruling, occurrences: Int, scans: Seq[GovernedScan]) {
  private val reports = scans.foldLeft(Seq.empty[ScanReport]) { (found, scan) =>
    if (found.exists(_ eq scan.report)) found else found :+ scan.report
  }

  def columns: Seq[String] = scans.flatMap(_.output).map(_.name)

  def grants: Seq[String] = reports.flatMap(_.grants)

  /**
   * None where it is not known: what is cached was counted by whoever cached it, and what the optimizer found to be empty
   * was not read.
   */
  def rowsNotShown: Option[RowCount] = {
    val counts = reports.map(_.hiddenRows)
    if (ruling.filters.isEmpty) Some(RowCount(0, isLeast = false))
    else if (counts.isEmpty || counts.contains(None)) None
    else Some(RowCount(counts.flatten.map(_.count).sum, scans.length < occurrences || counts.flatten.exists(_.isLeast)))
  }
}

object QueryReports {
  private val mostWaiting = 1000
  private val mostTables = 256
  private val mostGrants = 16

  /** In the order of the plan; one that several parts of it share, once for each. */
  private def scans(plan: SparkPlan): Seq[GovernedScan] = plan match {
    case adaptive: AdaptiveSparkPlanExec => scans(adaptive.executedPlan)
    case stage: QueryStageExec => scans(stage.plan)
    case reused: ReusedExchangeExec => scans(reused.child)
    case reused: ReusedSubqueryExec => scans(reused.child)
    case scan: GovernedScan => Seq(scan)
    case other => (other.children ++ other.subqueries).flatMap(scans)
  }

  def hash(text: String): String =
    MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)).map(byte => f"$byte%02x").mkString
}
