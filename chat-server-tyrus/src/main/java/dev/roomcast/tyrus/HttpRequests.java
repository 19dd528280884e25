package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ConnectRequest;
import dev.roomcast.chat.ErrorCode;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what matters to Roomcast out of HTTP requests. Immutable. */
final class HttpRequests {

  private static final String BEARER = "bearer ";

  private final Set<String> allowedOrigins;
  private final Hosts hosts;
  private final TrustedProxies proxies;

  /** For containers that look after names and proxies themselves. */
  HttpRequests(Set<String> allowedOrigins) {
    this(allowedOrigins, Hosts.ANY, TrustedProxies.NONE);
  }

  HttpRequests(Set<String> allowedOrigins, Hosts hosts, TrustedProxies proxies) {
    this.allowedOrigins = Set.copyOf(allowedOrigins);
    this.hosts = hosts;
    this.proxies = proxies;
  }

  /** Throws {@code bad_request} for a name that is not this server's. */
  void checkHost(RequestView request) {
    if (!allowsHost(request)) {
      throw badHost();
    }
  }

  boolean allowsHost(RequestView request) {
    return hosts.allows(request.header("Host"));
  }

  static ChatException badHost() {
    return new ChatException(
        ErrorCode.BAD_REQUEST, "Host: not a name of this server, it has to be allowed");
  }

  /**
   * Throws {@code forbidden} for a page of another origin. Clients that are no browsers send none.
   */
  void checkOrigin(RequestView request) {
    if (!allowsOrigin(request)) {
      throw new ChatException(ErrorCode.FORBIDDEN, "Origin: not allowed here");
    }
  }

  boolean allowsOrigin(RequestView from) {
    RequestView request = proxies.seen(from);
    String origin = request.header("Origin");
    if (origin == null || allowedOrigins.contains(origin)) {
      return true;
    }
    try {
      String authority = new URI(origin).getAuthority();
      return authority != null && authority.equalsIgnoreCase(request.header("Host"));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** Who wants in, and where to. */
  ConnectRequest connectRequest(RequestView from) {
    RequestView request = proxies.seen(from);
    Map<String, String> query = query(request.query());
    String room = request.room();
    return ConnectRequest.of(
        query,
        bearer(request, query),
        room == null ? null : decode("room", room),
        request.remoteAddress());
  }

  private static @Nullable String bearer(RequestView request, Map<String, String> query) {
    String header = request.header("Authorization");
    if (header != null && header.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
      return header.substring(BEARER.length()).trim();
    }
    String token = query.get("token");
    if (token != null) {
      return token;
    }
    String protocols = request.header("Sec-WebSocket-Protocol");
    if (protocols != null) {
      for (String protocol : protocols.split(",")) {
        if (protocol.strip().startsWith("bearer.")) {
          return protocol.strip().substring("bearer.".length());
        }
      }
    }
    return null;
  }

  /** The first value of each query parameter. */
  static Map<String, String> query(@Nullable String text) {
    Map<String, String> query = new HashMap<>();
    if (text != null && !text.isEmpty()) {
      for (String pair : text.split("&")) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1).replace('+', ' ');
        query.putIfAbsent(decode("query", name), decode("query", value));
      }
    }
    return query;
  }

  /** Decodes percent signs; a plus stays one, as it does in paths. */
  static String decode(String what, String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new ChatException(ErrorCode.BAD_REQUEST, what + ": bad percent-encoding", e);
    }
  }
}
