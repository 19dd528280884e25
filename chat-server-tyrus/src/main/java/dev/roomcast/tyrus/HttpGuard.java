package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import java.io.IOException;
import org.glassfish.grizzly.http.Method;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;

/**
 * What browsers are told with every answer, and which pages may ask at all: the host's name, the
 * page's origin (CORS), and the headers that keep a page to itself.
 *
 * <p>No cookies are in use here, so no credentials are allowed to pages of other origins: they send
 * a token of their own. Immutable.
 */
final class HttpGuard {

  private static final String CSP =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
          + "connect-src 'self' ws: wss:; manifest-src 'self'; base-uri 'none'; "
          + "form-action 'none'; frame-ancestors 'none'";

  private final HttpRequests requests;

  HttpGuard(HttpRequests requests) {
    this.requests = requests;
  }

  /** Returns whether the request is answered already: refused, or a question of the browser's. */
  boolean serve(String path, Request request, Response response) throws IOException {
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("X-Frame-Options", "DENY");
    response.setHeader("Referrer-Policy", "no-referrer");
    response.setHeader("Content-Security-Policy", CSP);
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("Vary", "Origin");
    RequestView view = new GrizzlyRequest(request.getRequest(), null);
    // Who looks whether it is alive asks by an address that nobody could list.
    if (!path.startsWith("/health/") && !requests.allowsHost(view)) {
      HttpAnswer.refuse(response, 400, HttpRequests.badHost());
      return true;
    }
    String origin = request.getHeader("Origin");
    if (origin == null) {
      return false;
    } else if (requests.allowsOrigin(view)) {
      response.setHeader("Access-Control-Allow-Origin", origin);
      response.setHeader("Access-Control-Expose-Headers", "Retry-After");
      return isQuestion(request) && answer(response);
    } else if (path.startsWith("/api/")) {
      HttpAnswer.refuse(
          response, 403, new ChatException(ErrorCode.FORBIDDEN, "Origin: not allowed here"));
      return true;
    }
    return false;
  }

  /** Browsers ask before they send what a form could not (preflight). */
  private static boolean isQuestion(Request request) {
    return request.getMethod() == Method.OPTIONS
        && request.getHeader("Access-Control-Request-Method") != null;
  }

  private static boolean answer(Response response) {
    response.setStatus(204);
    response.setHeader("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE");
    response.setHeader(
        "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Idempotency-Key, Traceparent");
    response.setHeader("Access-Control-Max-Age", "600");
    response.setHeader(
        "Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    return true;
  }
}
