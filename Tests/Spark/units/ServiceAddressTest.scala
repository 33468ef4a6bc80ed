package authorizer.spark

import org.junit.Assert.{assertEquals, assertTrue}
import org.junit.Test

/** How the services of several NameNodes are named. */
class ServiceAddressTest {
  private def refused(sockets: Seq[String], principals: Seq[String]): String =
    try throw new AssertionError(s"taken: ${ServiceAddress.all(sockets, principals)}")
    catch { case error: IllegalArgumentException => error.getMessage }

  @Test def principalsGoWithSocketsInTheirOrder(): Unit = {
    assertEquals(
      Seq(ServiceAddress("/a", Some("s/a@R")), ServiceAddress("/b", Some("s/b@R"))),
      ServiceAddress.all(Seq("/a", "/b"), Seq("s/a@R", "s/b@R")))
    assertEquals(
      Seq(ServiceAddress("/a", Some("s@R")), ServiceAddress("/b", Some("s@R"))),
      ServiceAddress.all(Seq("/a", "/b"), Seq("s@R")))
    assertEquals(Seq(ServiceAddress("/a", None)), ServiceAddress.all(Seq("/a"), Nil))
  }

  @Test def whatDoesNotFitIsRefusedInWords(): Unit = {
    assertTrue(refused(Nil, Nil).contains("names no socket"))
    assertTrue(refused(Seq("/a", "/a"), Nil).contains("twice"))
    assertTrue(refused(Seq("/a", "/b", "/c"), Seq("s/a@R", "s/b@R")).contains("2 principals"))
  }
}
