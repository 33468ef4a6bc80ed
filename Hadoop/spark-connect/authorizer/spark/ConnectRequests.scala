package authorizer.spark

import scala.jdk.CollectionConverters._

import org.sparkproject.connect.protobuf.Message

/**
 * Which requests of Spark Connect bring nothing but queries. What is not known to be harmless is refused.
 *
 * @param shortName of the user as whom the server reads
 * @param principal of the same
 */
final class ConnectRequests(shortName: String, principal: String) {
  import ConnectRequests._

  /** @return why a request is refused, in words */
  def fault(request: Any): Option[String] = request match {
    case message: Message => faultOfUser(message).orElse(faultIn(message))
    case other => Some(s"requests of the kind ${other.getClass.getName} are not known")
  }

  /**
   * The server reads as one user, whoever asks; so whoever asks has to say to be that one. It keeps users from sharing a
   * server by mistake, and proves nothing: that is for what lets clients reach the server.
   */
  private def faultOfUser(message: Message): Option[String] = {
    val user = field(message, "user_context").collect { case context: Message => context }.flatMap(field(_, "user_id"))
    user match {
      case Some(name: String) if name == shortName || name == principal => None
      case Some(name: String) =>
        Some(s"this Spark Connect server reads as `$principal`, and the session is of `$name`: every user needs a server " +
          s"of their own; if you are `$shortName`, connect with `user_id=$shortName` (ambiguous-principal)")
      case _ => Some(s"the session of a ${message.getDescriptorForType.getName} does not say of which user it is")
    }
  }

  private def field(message: Message, name: String): Option[Any] =
    Option(message.getDescriptorForType.findFieldByName(name)).map(message.getField)

  private def faultIn(message: Message): Option[String] = {
    val kind = message.getDescriptorForType
    val name = kind.getFullName.stripPrefix("spark.connect.")
    if (!kind.getOptions.getMapEntry && (excepted(name) || !harmless(name.takeWhile(_ != '.'))))
      Some(s"$name is refused: this Spark Connect server takes queries, and no code or files of users (policy)")
    else if (named(name) && !field(message, "name").exists { case file: String => file.matches(cachedRows) })
      Some("artifacts are refused: this Spark Connect server takes queries, and no code or files of users (policy)")
    else
      message.getAllFields.values.asScala.iterator.flatMap {
        case inner: Message => faultIn(inner)
        case several: java.util.List[_] => several.asScala.iterator.collect { case one: Message => one }.flatMap(faultIn)
        case _ => None
      }.nextOption()
  }
}

object ConnectRequests {
  /** Messages of Connect, with those declared in them. */
  private val harmless = Set(
    // Requests.
    "AddArtifactsRequest", "AnalyzePlanRequest", "ArtifactStatusesRequest", "CloneSessionRequest", "ConfigRequest",
    "ExecutePlanRequest", "FetchErrorDetailsRequest", "GetStatusRequest", "InterruptRequest", "KeyValue", "Plan",
    "ReattachExecuteRequest", "ReattachOptions", "ReleaseExecuteRequest", "ReleaseSessionRequest",
    "ResultChunkingOptions", "UserContext",
    // Commands.
    "CheckpointCommand", "Command", "CreateDataFrameViewCommand", "GetResourcesCommand", "MergeIntoTableCommand",
    "RemoveCachedRemoteRelationCommand", "SqlCommand", "StreamingQueryCommand", "StreamingQueryInstanceId",
    "StreamingQueryListenerBusCommand", "StreamingQueryManagerCommand", "WriteOperation", "WriteOperationV2",
    "WriteStreamOperationStart",
    // Relations.
    "Aggregate", "AsOfJoin", "CachedLocalRelation", "CachedRemoteRelation", "ChunkedCachedLocalRelation",
    "CollectMetrics", "Deduplicate", "Drop", "Filter", "Hint", "HtmlString", "Join", "LateralJoin", "Limit",
    "LocalRelation", "NADrop", "NAFill", "NAReplace", "NearestByJoin", "Offset", "Parse", "Project", "Range", "Read",
    "Relation", "RelationChanges", "RelationCommon", "Repartition", "RepartitionByExpression", "SQL", "Sample",
    "SetOperation", "ShowString", "Sort", "StatApproxQuantile", "StatCorr", "StatCov", "StatCrosstab", "StatDescribe",
    "StatFreqItems", "StatSampleBy", "StatSummary", "SubqueryAlias", "Tail", "ToDF", "ToSchema", "Transpose",
    "UnresolvedTableValuedFunction", "Unpivot", "WithColumns", "WithColumnsRenamed", "WithRelations", "WithWatermark",
    "Zip",
    // Expressions.
    "CallFunction", "Expression", "ExpressionCommon", "MergeAction", "NamedArgumentExpression", "SubqueryExpression",
    // The catalog.
    "AnalyzeTable", "CacheTable", "Catalog", "ClearCache", "CreateDatabase", "CreateExternalTable", "CreateTable",
    "CurrentCatalog", "CurrentDatabase", "DatabaseExists", "DropDatabase", "DropGlobalTempView", "DropTable",
    "DropTempView", "DropView", "FunctionExists", "GetCreateTableString", "GetDatabase", "GetFunction", "GetTable",
    "GetTableProperties", "IsCached", "ListCatalogs", "ListColumns", "ListDatabases", "ListFunctions", "ListPartitions",
    "ListTables", "ListViews", "RecoverPartitions", "RefreshByPath", "RefreshTable", "SetCurrentCatalog",
    "SetCurrentDatabase", "TableExists", "TruncateTable", "UncacheTable",
    // Types, and where in a program something was written.
    "Bools", "DataType", "Doubles", "Floats", "Ints", "JvmOrigin", "Longs", "Origin", "PythonOrigin",
    "StackTraceElement", "StorageLevel", "Strings")

  /** Code of a listener, and a class by its name. */
  private val excepted = Set("StreamingQueryManagerCommand.StreamingQueryListenerCommand", "DataType.UDT")

  /** Parts of the upload of an artifact that say its name. */
  private val named = Set("AddArtifactsRequest.BeginChunkedArtifact", "AddArtifactsRequest.SingleChunkArtifact")

  /** Rows of a frame that a client has made, which are no code. */
  private val cachedRows = "cache/[0-9a-f]{64}"
}
