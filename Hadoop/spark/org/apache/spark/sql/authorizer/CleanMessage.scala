package org.apache.spark.sql.authorizer

import org.apache.spark.QueryContext
import org.apache.spark.sql.AnalysisException

/** In Spark's package because only there an exception with words of one's own can be made. */
object CleanMessage {
  def apply(words: String): AnalysisException =
    try new AnalysisException(words, None, None, None, None, Map.empty[String, String], Array.empty[QueryContext])
    catch { case _: NoSuchMethodError => withPlan(words) }

  /** In Spark 3.4 there is a plan among what an exception is made of. */
  private def withPlan(words: String): AnalysisException = {
    val making = classOf[AnalysisException].getConstructors.find { constructor =>
      val types = constructor.getParameterTypes
      types.length == 8 && types.slice(1, 6).forall(_ == classOf[Option[_]])
    }
    making.get.newInstance(words, None, None, None, None, None, Map.empty[String, String], Array.empty[QueryContext])
      .asInstanceOf[AnalysisException]
  }
}
