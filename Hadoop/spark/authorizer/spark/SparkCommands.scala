package authorizer.spark

import com.fasterxml.jackson.databind.JsonNode

/** What a session says to the service, in JSON: `docs/spark.md` has the fields. */
object SparkCommands {
  private val mapper = ServiceConnection.mapper
  /** In one question; the service takes a few more. */
  private val mostRelations = 1000
  /** Characters of paths in one question: with all else, and in UTF-8, that is less than a frame holds. */
  private val longestQuestion = 96 << 10

  /** Answered by a stream of news. */
  val watch: JsonNode = command("watch", mapper.createObjectNode)

  /** Says what a query read. */
  def report(content: JsonNode): JsonNode = command("report", wrapped(content))

  /** @param application for the audit */
  def lookUp(principal: String, application: String, sources: Seq[Source]): JsonNode = {
    val request = mapper.createObjectNode
    request.put("principal", principal).put("query", application)
    val relations = request.putArray("relations")
    sources.foreach { source =>
      val relation = relations.addObject()
      val paths = relation.putArray("paths")
      source.paths.foreach(path => paths.add(path))
      relation.put("format", source.format)
      source.table.foreach(table => relation.put("table", table))
    }
    command("lookUp", wrapped(request))
  }

  /** Sources in their order, in as many questions as are needed: one has an end. */
  def questions(sources: Seq[Source]): Seq[Seq[Source]] = {
    val questions = Seq.newBuilder[Seq[Source]]
    var rest = sources
    while (rest.nonEmpty) {
      val ends = rest.iterator.map(_.paths.map(_.length + 8).sum).scanLeft(0)(_ + _).drop(1)
      val fitting = math.max(1, ends.take(mostRelations).takeWhile(_ < longestQuestion).length)
      questions += rest.take(fitting)
      rest = rest.drop(fitting)
    }
    questions.result()
  }

  private def wrapped(content: JsonNode): JsonNode = mapper.createObjectNode.set[JsonNode]("_0", content)

  private def command(name: String, content: JsonNode): JsonNode =
    mapper.createObjectNode.set("spark", wrapped(mapper.createObjectNode.set[JsonNode](name, content)))
}
