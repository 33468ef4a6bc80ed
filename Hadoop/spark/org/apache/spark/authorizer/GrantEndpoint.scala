package org.apache.spark.authorizer

import java.util.concurrent.{CompletableFuture, CompletionException}

import authorizer.spark.EnsureGrant
import org.apache.spark.{SparkContext, SparkEnv, SparkException}
import org.apache.spark.rpc.{RpcCallContext, RpcEndpoint, RpcEndpointRef, RpcEnv}
import org.apache.spark.util.RpcUtils

/**
 * Where tasks ask the driver for grants. A plug-in's own place in the driver answers one message after the other, on one
 * thread: all tasks would wait for whoever waits for the service. Here nobody waits; an answer is sent when there is one.
 *
 * In Spark's package because only there endpoints can be made.
 */
object GrantEndpoint {
  private val name = "authorizer-grants"
  /** The driver of this process's environment. */
  @volatile private var found = Option.empty[(SparkEnv, RpcEndpointRef)]

  /** @param ensure makes sure of a grant, and never waits; gives the ids */
  def open(context: SparkContext, ensure: EnsureGrant => CompletableFuture[Seq[String]]): Unit = {
    val env = context.env.rpcEnv
    env.setupEndpoint(name, new GrantEndpoint(env, ensure))
  }

  /**
   * Called by a task, in whichever process; waits for the driver's answer, `spark.rpc.askTimeout` at most.
   *
   * @throws SparkException where there is no grant, and why
   */
  def ask(question: EnsureGrant): Seq[String] = {
    val env = SparkEnv.get
    val driver = found.filter(_._1 eq env).getOrElse {
      val one = (env, RpcUtils.makeDriverRef(name, env.conf, env.rpcEnv))
      found = Some(one)
      one
    }
    driver._2.askSync[Seq[String]](question)
  }

  /** A future that another one made wraps what went wrong there. */
  private def words(error: Throwable): String = error match {
    case wrapped: CompletionException if wrapped.getCause != null => words(wrapped.getCause)
    case other => Option(other.getMessage).getOrElse(other.toString)
  }
}

private final class GrantEndpoint(override val rpcEnv: RpcEnv, ensure: EnsureGrant => CompletableFuture[Seq[String]])
  extends RpcEndpoint {
  override def receiveAndReply(context: RpcCallContext): PartialFunction[Any, Unit] = {
    case question: EnsureGrant =>
      ensure(question).whenComplete { (ids, error) =>
        if (error == null) context.reply(ids)
        // In an exception that every executor has.
        else context.sendFailure(new SparkException(s"authorizer: ${GrantEndpoint.words(error)}"))
      }
  }
}
