package dev.roomcast.redis;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis is, and what of it is ours.
 *
 * <pre>{@code
 * RedisOptions options = RedisOptions.of("redis://localhost:6379").namespace("prod:shop");
 * }</pre>
 *
 * <p>Redis 6.2 or later, or Valkey; one server. Immutable.
 */
public final class RedisOptions {

  private static final Pattern NAMESPACE =
      Pattern.compile("[A-Za-z0-9_.-]+(:[A-Za-z0-9_.-]+){1,2}");
  private static final int DEFAULT_PORT = 6379;

  private final String host;
  private final int port;
  private final boolean tls;
  private final int database;
  private final @Nullable String user;
  private final @Nullable String password;
  private final String namespace;
  private final Duration timeout;

  private RedisOptions(
      String host,
      int port,
      boolean tls,
      int database,
      @Nullable String user,
      @Nullable String password,
      String namespace,
      Duration timeout) {
    this.host = host;
    this.port = port;
    this.tls = tls;
    this.database = database;
    this.user = user;
    this.password = password;
    this.namespace = namespace;
    this.timeout = timeout;
  }

  /**
   * Returns options for the server that {@code url} names: {@code
   * redis://[user:pass@]host:port[/db]}, or {@code rediss://} for TLS, where the certificate has to
   * be valid for the host. The port may be missing (6379); user and password may be
   * percent-encoded. The namespace is {@code dev:roomcast}.
   *
   * @throws IllegalArgumentException when the URL is not of this form; the message has no password
   *     in it
   */
  public static RedisOptions of(String url) {
    Objects.requireNonNull(url, "url");
    if (url.startsWith("redis-sentinel://") || url.startsWith("redis+sentinel://")) {
      throw new IllegalArgumentException(
          "Sentinel is not supported yet: give the master's address, redis://host:port");
    }
    if (!url.startsWith("redis://") && !url.startsWith("rediss://")) {
      throw new IllegalArgumentException("a Redis URL begins with redis:// or rediss://");
    }
    String authority = url.substring(url.indexOf("://") + 3);
    if (authority.substring(authority.lastIndexOf('@') + 1).contains(",")) {
      throw new IllegalArgumentException(
          "several hosts (Redis Cluster) are not supported yet: give one, redis://host:port");
    }
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      // The exception's message has the whole URL, and with it the password.
      throw new IllegalArgumentException("the Redis URL is malformed: " + e.getReason());
    }
    String host = uri.getHost();
    if (host == null || host.isEmpty()) {
      throw new IllegalArgumentException("the Redis URL has no valid host: redis://host:port");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException("a Redis URL has nothing after the database number");
    }
    if (host.startsWith("[")) {
      host = host.substring(1, host.length() - 1);
    }
    String user = null;
    String password = null;
    String info = uri.getRawUserInfo();
    if (info != null) {
      int colon = info.indexOf(':');
      if (colon < 0) {
        throw new IllegalArgumentException("credentials in a Redis URL are user:password");
      }
      user = colon == 0 ? null : decode(info.substring(0, colon));
      password = decode(info.substring(colon + 1));
    }
    return new RedisOptions(
        host,
        uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
        url.startsWith("rediss:"),
        database(uri.getPath()),
        user,
        password,
        "dev:roomcast",
        Duration.ofSeconds(3));
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static int database(@Nullable String path) {
    if (path == null || path.isEmpty() || path.equals("/")) {
      return 0;
    }
    String number = path.substring(1);
    if (!number.matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException("the path of a Redis URL is the number of a database");
    }
    return Integer.parseInt(number);
  }

  /**
   * Returns these options with another namespace, which begins every key and channel: applications
   * and stages that share a server do not see each other.
   *
   * @param value {@code env:service} or {@code env:service:tenant}, each part of letters, digits,
   *     {@code _ . -}
   * @throws IllegalArgumentException when it is not of this form
   */
  public RedisOptions namespace(String value) {
    if (!NAMESPACE.matcher(value).matches() || value.length() > 128) {
      throw new IllegalArgumentException(
          "a namespace is env:service or env:service:tenant, of letters, digits and _ . -");
    }
    return new RedisOptions(host, port, tls, database, user, password, value, timeout);
  }

  /**
   * Returns these options with another time after which a silent connection counts as lost, and a
   * connection attempt as failed; 3 seconds by default. Half-open connections are noticed after it.
   *
   * @param value 100 ms to one minute
   * @throws IllegalArgumentException when it is out of this range
   */
  public RedisOptions timeout(Duration value) {
    if (value.toMillis() < 100 || value.toMillis() > 60_000) {
      throw new IllegalArgumentException("timeout must be 100 ms to 1 min, but is " + value);
    }
    return new RedisOptions(host, port, tls, database, user, password, namespace, value);
  }

  String host() {
    return host;
  }

  int port() {
    return port;
  }

  boolean tls() {
    return tls;
  }

  int database() {
    return database;
  }

  @Nullable String user() {
    return user;
  }

  @Nullable String password() {
    return password;
  }

  /** The namespace, {@code env:service[:tenant]}. */
  public String namespace() {
    return namespace;
  }

  Duration timeout() {
    return timeout;
  }

  /** The server in a few words without secrets: {@code redis://10.0.0.5:6379}. */
  @Override
  public String toString() {
    String shown = host.indexOf(':') < 0 ? host : "[" + host + "]";
    return (tls ? "rediss://" : "redis://")
        + shown
        + ":"
        + port
        + (database == 0 ? "" : "/" + database);
  }
}
