package authorizer.spark

import java.util.concurrent.{CompletableFuture, ExecutionException, Executors}
import java.util.concurrent.TimeUnit.SECONDS

import org.junit.{After, Test}
import org.junit.Assert.{assertEquals, assertFalse, assertTrue}

/** What the driver does about grants of several services, which answer when the test says so. */
class EveryGrantTest {
  private val first, second = new ScriptedService
  private val threads = Executors.newCachedThreadPool()
  private val grants = new EveryGrant(Seq("first" -> first, "second" -> second).map { case (name, service) =>
    new EveryGrant.Member(name, new GrantHolder(service, (_, _) => true, () => 1L, threads))
  })

  @After def noThreadIsLeft(): Unit = {
    threads.shutdownNow()
    assertTrue(threads.awaitTermination(60, SECONDS))
  }

  private def ensure(): CompletableFuture[Seq[Grant]] = grants.ensure("alice", Seq("orders"))

  private def give(service: ScriptedService, id: String): Unit =
    service.next("issue", "orders").answer.complete(Grant(id, Seq("t1"), System.nanoTime + 3600000000000L, 3600000000000L))

  private def fail(service: ScriptedService, error: Exception): Unit =
    service.next("issue", "orders").answer.completeExceptionally(error)

  private def ids(future: CompletableFuture[Seq[Grant]]): Seq[String] = future.get(60, SECONDS).map(_.id)

  private def error(future: CompletableFuture[Seq[Grant]]): Throwable =
    try throw new AssertionError(s"grants: ${ids(future)}")
    catch { case failed: ExecutionException => failed.getCause }

  private def unavailable = new UnavailableException("away")

  @Test def eachServiceIsAskedAndWaitedFor(): Unit = {
    val future = ensure()
    give(second, "g2")
    assertFalse(future.isDone)
    give(first, "g1")
    assertEquals(Seq("g1", "g2"), ids(future))
  }

  @Test def serviceThatIsAwayIsLeftOutAndNotWaitedForTheNextTime(): Unit = {
    val future = ensure()
    give(first, "g1")
    fail(second, unavailable)
    assertEquals(Seq("g1"), ids(future))
    val next = ensure()
    assertEquals(Seq("g1"), ids(next))
    // It has been asked all the same; once it answers, its grant is among them.
    give(second, "g2")
    while (ids(ensure()) != Seq("g1", "g2")) Thread.onSpinWait()
  }

  @Test def whereAllWereAwayTheFirstThatIsBackIsEnough(): Unit = {
    val future = ensure()
    fail(first, unavailable)
    fail(second, unavailable)
    assertEquals(classOf[UnavailableException], error(future).getClass)
    val next = ensure()
    give(second, "g2")
    assertEquals(Seq("g2"), ids(next))
    fail(first, unavailable)
  }

  @Test def oneThatRefusesIsAReasonNotToRead(): Unit = {
    val future = ensure()
    give(first, "g1")
    fail(second, new RefusedException("not subscribed"))
    assertEquals("not subscribed", error(future).getMessage)
  }

  @Test def everyServiceGetsItsGrantBack(): Unit = {
    val future = ensure()
    give(first, "g1")
    give(second, "g2")
    ids(future)
    val ended = grants.end()
    first.next("release", "g1").answer.complete(null)
    assertFalse(ended.isDone)
    second.next("release", "g2").answer.complete(null)
    ended.get(60, SECONDS)
    assertEquals(classOf[RefusedException], error(ensure()).getClass)
  }
}
