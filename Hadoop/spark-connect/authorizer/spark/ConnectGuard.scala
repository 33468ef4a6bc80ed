package authorizer.spark

import org.apache.hadoop.security.UserGroupInformation
import org.sparkproject.connect.grpc.{Metadata, ServerCall, ServerCallHandler, ServerInterceptor, Status}
import org.sparkproject.connect.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener

/**
 * The door of a Spark Connect server: lets in requests of the server's own user, with queries and no code.
 *
 * To be named in `spark.connect.grpc.interceptor.classes`. It looks at a request before anything is made of it, since
 * Connect unpacks functions before it has a plan that a rule could look at.
 */
class ConnectGuard extends ServerInterceptor {
  private lazy val requests = {
    val login = UserGroupInformation.getLoginUser
    new ConnectRequests(login.getShortUserName, login.getUserName)
  }

  override def interceptCall[Request, Answer](
      call: ServerCall[Request, Answer], headers: Metadata, next: ServerCallHandler[Request, Answer]
  ): ServerCall.Listener[Request] =
    new SimpleForwardingServerCallListener[Request](next.startCall(call, headers)) {
      private var isRefused = false

      override def onMessage(request: Request): Unit = if (!isRefused) requests.fault(request) match {
        case None => super.onMessage(request)
        case Some(words) =>
          isRefused = true
          call.close(Status.PERMISSION_DENIED.withDescription(s"authorizer: $words"), new Metadata)
          // What the call has begun is given up.
          super.onCancel()
      }

      override def onHalfClose(): Unit = if (!isRefused) super.onHalfClose()
    }
}
