package authorizer.spark

import java.util.concurrent.{CompletableFuture, ExecutionException, Executor, Executors, LinkedBlockingQueue}
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicInteger

import org.junit.{After, Test}
import org.junit.Assert.{assertEquals, assertFalse, assertNotNull, assertSame, assertTrue}

/** What the driver does about grants, with a service that answers when the test says so. */
class GrantHolderTest {
  private val service = new ScriptedService
  private val threads = Executors.newCachedThreadPool()
  /** Everything that was begun, whether it has ended or not. */
  private val begun = new AtomicInteger
  private val asks: Executor = { task: Runnable =>
    begun.incrementAndGet()
    threads.execute(task)
  }
  @volatile private var news = 1L
  private val holder = new GrantHolder(service, (_, names) => names != Seq("unplanned"), () => news, asks)

  @After def noThreadIsLeft(): Unit = {
    threads.shutdownNow()
    assertTrue(threads.awaitTermination(60, SECONDS))
  }

  private def ensure(name: String): CompletableFuture[Grant] = holder.ensure("alice", Seq(name))

  private def grant(id: String, secondsLeft: Long = 3600, tokens: Seq[String] = Seq("t1")): Grant =
    Grant(id, tokens, System.nanoTime + secondsLeft * 1000000000L, 3600000000000L)

  private def id(future: CompletableFuture[Grant]): String = future.get(60, SECONDS).id

  /** What went wrong, under whatever a future wraps it in. */
  private def error(future: CompletableFuture[Grant]): Throwable =
    try throw new AssertionError(s"a grant: ${future.get(60, SECONDS)}")
    catch { case failed: ExecutionException => failed.getCause }

  /** Has the holder hold a grant. */
  private def hold(name: String, held: Grant): Unit = {
    val future = ensure(name)
    service.next("issue", name).answer.complete(held)
    id(future)
  }

  @Test def whoNeedsTheSameGrantWaitsForOneAsk(): Unit = {
    val futures = Seq.fill(20)(ensure("orders"))
    val ask = service.next("issue", "orders")
    assertTrue(futures.forall(!_.isDone))
    ask.answer.complete(grant("g1"))
    assertEquals(Seq.fill(20)("g1"), futures.map(id))
    assertEquals("g1", id(ensure("orders")))
    assertEquals(1, begun.get)
  }

  @Test def whoNeedsAnotherGrantDoesNotWait(): Unit = {
    val first = ensure("orders")
    val hanging = service.next("issue", "orders")
    val second = ensure("customers")
    service.next("issue", "customers").answer.complete(grant("g2"))
    assertEquals("g2", id(second))
    assertFalse(first.isDone)
    // Nor does what looks after all of them.
    holder.keepAlive().get(60, SECONDS)
    val given = holder.releaseUnused(System.nanoTime)
    service.next("release", "g2").answer.complete(null)
    given.get(60, SECONDS)
    assertFalse(first.isDone)
    hanging.answer.complete(grant("g1"))
    assertEquals("g1", id(first))
  }

  @Test def whatNoQueryReadsIsNotAskedFor(): Unit = {
    assertEquals(classOf[RefusedException], error(ensure("unplanned")).getClass)
    assertEquals(0, begun.get)
  }

  @Test def newsWhileItIsAskedForMakesThoseAskAgainWhoComeLater(): Unit = {
    val before = ensure("orders")
    val first = service.next("issue", "orders")
    news += 1
    val later = Seq(ensure("orders"), ensure("orders"))
    assertEquals(1, begun.get)
    first.answer.complete(grant("g1"))
    assertEquals("g1", id(before))
    // One ask for all of them, which confirms the grant.
    val second = service.next("renew", "g1")
    assertTrue(later.forall(!_.isDone))
    second.answer.complete(grant("g1"))
    assertEquals(Seq("g1", "g1"), later.map(id))
    assertEquals(2, begun.get)
  }

  @Test def newsByWhichItIsRevokedAreSaidToWhoComesLater(): Unit = {
    val before = ensure("orders")
    val first = service.next("issue", "orders")
    news += 1
    val later = ensure("orders")
    first.answer.complete(grant("g1"))
    id(before)
    service.next("renew", "g1").answer.completeExceptionally(new RefusedException("revoked"))
    service.next("issue", "orders").answer.completeExceptionally(new RefusedException("not subscribed"))
    assertEquals("not subscribed", error(later).getMessage)
    // Nothing is held: who comes then asks from the beginning.
    val again = ensure("orders")
    service.next("issue", "orders").answer.complete(grant("g2"))
    assertEquals("g2", id(again))
  }

  @Test def refusalIsSaidToEverybodyWhoWaits(): Unit = {
    val futures = Seq.fill(3)(ensure("orders"))
    val refused = new RefusedException("not subscribed")
    service.next("issue", "orders").answer.completeExceptionally(refused)
    futures.foreach(future => assertSame(refused, error(future)))
    assertEquals(1, begun.get)
  }

  @Test def whoHasWaitedForSomebodyElsesAskThatFoundNoServiceAsksOnceMore(): Unit = {
    val first = ensure("orders")
    val hanging = service.next("issue", "orders")
    val joined = Seq(ensure("orders"), ensure("orders"))
    hanging.answer.completeExceptionally(new UnavailableException("away"))
    assertEquals("away", error(first).getMessage)
    service.next("issue", "orders").answer.completeExceptionally(new UnavailableException("still away"))
    joined.foreach(future => assertEquals("still away", error(future).getMessage))
    assertEquals(2, begun.get)
  }

  @Test def tokenThatTheAskDoesNotKnowIsBoundBeforeItsBearerGoesOn(): Unit = {
    val before = ensure("orders")
    val first = service.next("issue", "orders")
    assertEquals(Seq("t1"), first.handles)
    service.tokens = Seq("t1", "t2")
    val later = ensure("orders")
    first.answer.complete(grant("g1"))
    assertEquals("g1", id(before))
    val second = service.next("renew", "g1")
    assertEquals(Seq("t1", "t2"), second.handles)
    assertFalse(later.isDone)
    second.answer.complete(grant("g1", tokens = Seq("t1", "t2")))
    assertEquals("g1", id(later))
  }

  @Test def grantIsRenewedInTheSecondHalfOfItsLife(): Unit = {
    hold("orders", grant("g1", secondsLeft = 1700))
    val done = holder.keepAlive()
    service.next("renew", "g1").answer.complete(grant("g1"))
    done.get(60, SECONDS)
    holder.keepAlive().get(60, SECONDS)
    assertEquals(2, begun.get)
  }

  @Test def grantGoesOnWhileTheServiceIsAwayAndIsNotTakenForConfirmed(): Unit = {
    hold("orders", grant("g1", secondsLeft = 3000))
    news += 1
    for (_ <- 1 to 2) {
      val future = ensure("orders")
      service.next("renew", "g1").answer.completeExceptionally(new UnavailableException("away"))
      assertEquals("g1", id(future))
    }
    val confirmed = ensure("orders")
    service.next("renew", "g1").answer.complete(grant("g1"))
    id(confirmed)
    assertTrue(ensure("orders").isDone)
  }

  @Test def grantThatHasEndedDoesNotGoOnWithoutTheService(): Unit = {
    hold("orders", grant("g1", secondsLeft = -1))
    val future = ensure("orders")
    service.next("renew", "g1").answer.completeExceptionally(new UnavailableException("away"))
    assertEquals("away", error(future).getMessage)
  }

  @Test def whatIsBeingAskedForIsNotGivenBack(): Unit = {
    val future = ensure("orders")
    val ask = service.next("issue", "orders")
    holder.releaseUnused(System.nanoTime + 1).get(60, SECONDS)
    ask.answer.complete(grant("g1"))
    assertEquals("g1", id(future))
    assertTrue(ensure("orders").isDone)
    assertEquals(1, begun.get)
  }

  @Test def endGivesEverythingBackAndNobodyGetsAGrantAnyMore(): Unit = {
    hold("orders", grant("g1"))
    val waiting = ensure("customers")
    val ask = service.next("issue", "customers")
    val ended = holder.end()
    assertEquals(classOf[RefusedException], error(ensure("orders")).getClass)
    service.next("release", "g1").answer.complete(null)
    assertFalse(ended.isDone)
    // What comes too late is given back before anybody hears of it.
    ask.answer.complete(grant("g2"))
    val late = service.next("release", "g2")
    assertFalse(waiting.isDone)
    late.answer.complete(null)
    assertEquals(classOf[RefusedException], error(waiting).getClass)
    ended.get(60, SECONDS)
  }
}

/** @param of the first data source, or the id of a grant */
private final class Asked(val what: String, val of: String, val handles: Seq[String]) {
  val answer = new CompletableFuture[Grant]
}

private final class ScriptedService extends GrantService {
  @volatile var tokens: Seq[String] = Seq("t1")
  private val asked = new LinkedBlockingQueue[Asked]

  /** What is asked next; it is an error if that is something else. */
  def next(what: String, of: String): Asked = {
    val one = asked.poll(60, SECONDS)
    assertNotNull(s"nothing is asked, and $what $of was expected", one)
    assertEquals((what, of), (one.what, one.of))
    one
  }

  override def handles(): Seq[String] = tokens

  override def issue(principal: String, dataSources: Seq[String], handles: Seq[String]): Grant =
    ask(new Asked("issue", dataSources.head, handles))

  override def renew(grant: Grant, handles: Seq[String]): Grant = ask(new Asked("renew", grant.id, handles))

  override def release(grant: Grant): Unit = ask(new Asked("release", grant.id, Nil))

  private def ask(one: Asked): Grant = {
    asked.put(one)
    try one.answer.get()
    catch { case error: ExecutionException => throw error.getCause }
  }
}
