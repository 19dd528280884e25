package dev.roomcast.redis;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a URL says about where Redis is; see {@link RedisOptions#of}. Immutable. */
record RedisUrl(
    Kind kind,
    boolean tls,
    List<Address> hosts,
    String master,
    int database,
    @Nullable String user,
    @Nullable String password,
    Map<String, String> parameters) {

  /** What is at the addresses. */
  enum Kind {
    /** The server itself. */
    SERVER,
    /** Some members of a cluster, which know the others. */
    CLUSTER,
    /** Sentinels, which know the server. */
    SENTINEL
  }

  private static final int PORT = 6379;
  private static final int SENTINEL_PORT = 26379;
  private static final Pattern URL = Pattern.compile("([a-z+-]+)://([^?#]*)(?:\\?([^?#]*))?");
  private static final Pattern HOST =
      Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::([0-9]{1,5}))?");

  /** Reads a URL; no message of an exception has the password in it. */
  static RedisUrl parse(String url) {
    String scheme = url.contains("://") ? url.substring(0, url.indexOf("://")) : "";
    boolean tls = scheme.startsWith("rediss");
    Kind kind =
        switch (scheme) {
          case "redis", "rediss", "unix" -> Kind.SERVER;
          case "redis-cluster", "rediss-cluster" -> Kind.CLUSTER;
          case "redis-sentinel", "rediss-sentinel" -> Kind.SENTINEL;
          default ->
              throw new IllegalArgumentException(
                  "a Redis URL begins with redis://, rediss:// (TLS), redis-sentinel://,"
                      + " redis-cluster:// or unix://");
        };
    Matcher parts = URL.matcher(url);
    if (!parts.matches()) {
      throw new IllegalArgumentException("the Redis URL is malformed");
    }
    String rest = parts.group(2);
    String user = null;
    String password = null;
    int at = rest.lastIndexOf('@');
    if (at >= 0) {
      String[] info = rest.substring(0, at).split(":", 2);
      if (info.length < 2 || rest.substring(0, at).matches("(?s).*[/\\s@].*")) {
        throw new IllegalArgumentException(
            "credentials in a Redis URL are user:password, percent-encoded");
      }
      user = info[0].isEmpty() ? null : decode(info[0]);
      password = decode(info[1]);
      rest = rest.substring(at + 1);
    }
    Map<String, String> parameters = parameters(parts.group(3));
    if (scheme.equals("unix")) {
      String number = parameters.remove("database");
      return new RedisUrl(
          kind,
          false,
          List.of(socket(rest)),
          "",
          database(number == null ? "" : number),
          user,
          password,
          Collections.unmodifiableMap(parameters));
    }
    if (parameters.containsKey("database")) {
      throw new IllegalArgumentException(
          "the number of a database is the path of a Redis URL: redis://host:port/1");
    }
    int slash = rest.indexOf('/');
    String path = slash < 0 ? "" : rest.substring(slash + 1);
    List<Address> hosts =
        hosts(
            slash < 0 ? rest : rest.substring(0, slash),
            kind == Kind.SENTINEL ? SENTINEL_PORT : PORT);
    if (hosts.size() > 1 && kind == Kind.SERVER) {
      kind = Kind.CLUSTER;
    }
    String master = "";
    if (kind == Kind.SENTINEL) {
      String[] names = path.split("/", 2);
      master = decode(names[0]);
      path = names.length > 1 ? names[1] : "";
      if (master.isEmpty()) {
        throw new IllegalArgumentException(
            "a Sentinel URL ends with the name of the master: redis-sentinel://h1,h2/mymaster");
      }
    }
    int database = database(path);
    if (kind == Kind.CLUSTER && database != 0) {
      throw new IllegalArgumentException("a Redis Cluster has no databases but 0");
    }
    return new RedisUrl(
        kind,
        tls,
        hosts,
        master,
        database,
        user,
        password,
        Collections.unmodifiableMap(parameters));
  }

  private static List<Address> hosts(String list, int defaultPort) {
    List<Address> hosts = new ArrayList<>();
    for (String text : list.split(",", -1)) {
      Matcher host = HOST.matcher(text);
      if (!host.matches()) {
        throw new IllegalArgumentException("the Redis URL has no valid host: redis://host:port");
      }
      String name = host.group(1);
      int port = host.group(2) == null ? defaultPort : Integer.parseInt(host.group(2));
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("the Redis URL has no valid port: redis://host:port");
      }
      hosts.add(
          Address.of(name.startsWith("[") ? name.substring(1, name.length() - 1) : name, port));
    }
    return List.copyOf(hosts);
  }

  private static Address socket(String path) {
    try {
      if (path.startsWith("/")) {
        return new Address("localhost", 0, Path.of(decode(path)));
      }
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("the Redis URL has no valid path", e);
    }
    throw new IllegalArgumentException(
        "a Unix socket has an absolute path: unix:///run/redis.sock");
  }

  private static int database(String number) {
    if (number.isEmpty()) {
      return 0;
    }
    if (!number.matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException("the path of a Redis URL is the number of a database");
    }
    return Integer.parseInt(number);
  }

  private static Map<String, String> parameters(@Nullable String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : query == null || query.isEmpty() ? new String[0] : query.split("&")) {
      String[] parts = pair.split("=", 2);
      if (parts.length < 2 || parts[1].isEmpty()) {
        throw new IllegalArgumentException("what follows the ? in a Redis URL is name=value&...");
      }
      parameters.put(decode(parts[0]), decode(parts[1]));
    }
    return parameters;
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // Its message would have a part of the text, which may be the password.
      throw new IllegalArgumentException("the Redis URL has a malformed percent-encoding");
    }
  }

  /** Without secrets. */
  @Override
  public String toString() {
    Address first = hosts.get(0);
    if (first.socket() != null) {
      return "unix://" + first + (database == 0 ? "" : "?database=" + database);
    }
    String scheme =
        (tls ? "rediss" : "redis")
            + switch (kind) {
              case SERVER -> "";
              case CLUSTER -> hosts.size() > 1 ? "" : "-cluster";
              case SENTINEL -> "-sentinel";
            };
    return scheme
        + "://"
        + hosts.stream().map(Address::toString).collect(Collectors.joining(","))
        + (master.isEmpty() ? "" : "/" + master)
        + (database == 0 ? "" : "/" + database);
  }
}
