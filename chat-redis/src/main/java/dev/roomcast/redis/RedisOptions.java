package dev.roomcast.redis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
 * <p>Redis 6.2 or later, or Valkey. Immutable.
 */
public final class RedisOptions {

  private static final Pattern NAMESPACE =
      Pattern.compile("[A-Za-z0-9_.-]+(:[A-Za-z0-9_.-]+){1,2}");
  private static final Pattern APPLICATION = Pattern.compile("[!-~]{1,64}");

  private final RedisUrl url;
  private final String namespace;
  private final Duration timeout;
  private final Secrets files;
  private final String application;
  private final int replicas;

  /** Files that are read again with each connection. */
  private record Secrets(
      @Nullable Path password,
      @Nullable Path sentinelPassword,
      @Nullable Path authority,
      @Nullable Path certificate,
      @Nullable Path key) {
    static final Secrets NONE = new Secrets(null, null, null, null, null);
  }

  private RedisOptions(
      RedisUrl url,
      String namespace,
      Duration timeout,
      Secrets files,
      String application,
      int replicas) {
    this.url = url;
    this.namespace = namespace;
    this.timeout = timeout;
    this.files = files;
    this.application = application;
    this.replicas = replicas;
  }

  /**
   * Returns options for what {@code url} names:
   *
   * <ul>
   *   <li>{@code redis://[user:password@]host[:port][/database]}, or {@code rediss://} for TLS,
   *       where the certificate has to be valid for the host;
   *   <li>{@code redis-sentinel://[user:password@]host[:port],.../master[/database]}: the master of
   *       that name which the Sentinels know at the time; {@code rediss-sentinel://} for TLS;
   *   <li>{@code redis://[user:password@]host[:port],host[:port],...}, or {@code
   *       redis-cluster://host[:port]}: the Redis Cluster (7.0 or later) of which these are some
   *       members, which know the others; {@code rediss://}, {@code rediss-cluster://} for TLS;
   *   <li>{@code unix:///path/of/socket[?database=1]}.
   * </ul>
   *
   * <p>User and password may be percent-encoded. After a {@code ?} there may be {@code
   * password-file}, {@code sentinel-password-file}, {@code ca}, {@code cert} and {@code key},
   * {@code application}, {@code wait-replicas}; see the methods of these names. The namespace is
   * {@code dev:roomcast}.
   *
   * @throws IllegalArgumentException when the URL is not of this form; the message has no password
   *     in it
   */
  public static RedisOptions of(String url) {
    RedisUrl parsed = RedisUrl.parse(Objects.requireNonNull(url, "url"));
    RedisOptions options =
        new RedisOptions(parsed, "dev:roomcast", Duration.ofSeconds(3), Secrets.NONE, "", 0);
    for (Map.Entry<String, String> parameter : parsed.parameters().entrySet()) {
      options = options.with(parameter.getKey(), parameter.getValue());
    }
    return options.checked();
  }

  private RedisOptions with(String name, String value) {
    return switch (name) {
      case "password-file" -> passwordFile(Path.of(value));
      case "sentinel-password-file" -> sentinelPasswordFile(Path.of(value));
      case "ca" -> copy(files.password, Path.of(value), files.certificate, files.key);
      case "cert" -> copy(files.password, files.authority, Path.of(value), files.key);
      case "key" -> copy(files.password, files.authority, files.certificate, Path.of(value));
      case "application" -> application(value);
      case "wait-replicas" -> waitReplicas(number(value));
      default ->
          throw new IllegalArgumentException(
              "a Redis URL may have password-file, sentinel-password-file, ca, cert, key,"
                  + " application, wait-replicas after its ?, but not "
                  + name.replaceAll("[^a-z-]", "?"));
    };
  }

  private static int number(String text) {
    return text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : -1;
  }

  private RedisOptions copy(
      @Nullable Path password,
      @Nullable Path authority,
      @Nullable Path certificate,
      @Nullable Path key) {
    Secrets all = new Secrets(password, files.sentinelPassword, authority, certificate, key);
    return new RedisOptions(url, namespace, timeout, all, application, replicas);
  }

  private RedisOptions checked() {
    if ((files.certificate == null) != (files.key == null)) {
      throw new IllegalArgumentException("a client certificate has two files: cert and key");
    }
    if (!url.tls() && (files.authority != null || files.certificate != null)) {
      throw new IllegalArgumentException("certificates are for TLS: rediss://host:port");
    }
    return this;
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
    return new RedisOptions(url, value, timeout, files, application, replicas);
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
    return new RedisOptions(url, namespace, value, files, application, replicas);
  }

  /**
   * Returns these options with a file that has the password, instead of one in the URL. It is read
   * for each connection, so a password that changes needs no restart; a last line break does not
   * count.
   */
  public RedisOptions passwordFile(Path file) {
    return copy(file, files.authority, files.certificate, files.key);
  }

  /** Returns these options with a file that has the password of the Sentinels, where they ask. */
  public RedisOptions sentinelPasswordFile(Path file) {
    Secrets all = new Secrets(files.password, file, files.authority, files.certificate, files.key);
    return new RedisOptions(url, namespace, timeout, all, application, replicas);
  }

  /**
   * Returns these options with a PEM file of the authorities whose certificates count, instead of
   * those that the JVM knows. Read for each connection.
   *
   * @throws IllegalArgumentException when the URL is not one of TLS
   */
  public RedisOptions certificateAuthority(Path file) {
    return copy(files.password, file, files.certificate, files.key).checked();
  }

  /**
   * Returns these options with a certificate that shows the server who we are: a PEM file with it
   * and those that lead to its authority, and one with its key (PKCS#8, not encrypted: {@code BEGIN
   * PRIVATE KEY}). Read for each connection.
   *
   * @throws IllegalArgumentException when the URL is not one of TLS
   */
  public RedisOptions clientCertificate(Path certificate, Path key) {
    return copy(files.password, files.authority, certificate, key).checked();
  }

  /**
   * Returns these options with the name of the application, the same on all its nodes. It is noted
   * in the namespace, and an application with another name is warned that the namespace is in use.
   *
   * @param name 1 to 64 visible ASCII characters
   * @throws IllegalArgumentException when it is not of this form
   */
  public RedisOptions application(String name) {
    if (!APPLICATION.matcher(name).matches()) {
      throw new IllegalArgumentException("an application is 1 to 64 visible ASCII characters");
    }
    return new RedisOptions(url, namespace, timeout, files, name, replicas);
  }

  /**
   * Returns these options with so many replicas that must have a message before it is acknowledged;
   * 0 by default. Where fewer have it within half the {@link #timeout}, it is tried again for up to
   * five seconds, and then its publisher is told {@code unavailable}, though the message is in the
   * log: sent again with its key it is not doubled. In a cluster they are those of the master that
   * has the room. Costs a connection more, and what GUARANTEES.md says.
   *
   * @param count 0 to 9
   * @throws IllegalArgumentException when it is out of this range
   */
  public RedisOptions waitReplicas(int count) {
    if (count < 0 || count > 9) {
      throw new IllegalArgumentException("wait-replicas must be 0 to 9");
    }
    return new RedisOptions(url, namespace, timeout, files, application, count);
  }

  /** The namespace, {@code env:service[:tenant]}. */
  public String namespace() {
    return namespace;
  }

  boolean isCluster() {
    return url.kind() == RedisUrl.Kind.CLUSTER;
  }

  RedisUrl.Kind kind() {
    return url.kind();
  }

  /** Of the server, of members of the cluster, or of the Sentinels. */
  List<Address> hosts() {
    return url.hosts();
  }

  /** The name by which Sentinels know the server. */
  String master() {
    return url.master();
  }

  boolean tls() {
    return url.tls();
  }

  int database() {
    return url.database();
  }

  @Nullable String user() {
    return url.user();
  }

  /** The password as it is now. */
  @Nullable String password() throws IOException {
    return files.password == null ? url.password() : secret(files.password);
  }

  @Nullable String sentinelPassword() throws IOException {
    return files.sentinelPassword == null ? null : secret(files.sentinelPassword);
  }

  private static String secret(Path file) throws IOException {
    return Files.readString(file).replaceFirst("\\R\\z", "");
  }

  /** Whether the server is shown who we are. */
  boolean authenticates() {
    return url.password() != null || files.password != null || files.certificate != null;
  }

  @Nullable Path authority() {
    return files.authority;
  }

  @Nullable Path certificate() {
    return files.certificate;
  }

  @Nullable Path key() {
    return files.key;
  }

  /** The name of the application, empty when it has none. */
  public String application() {
    return application;
  }

  int waitReplicas() {
    return replicas;
  }

  /** For how long replicas are waited for: the connection is silent meanwhile. */
  Duration replicasTimeout() {
    return timeout.dividedBy(2);
  }

  Duration timeout() {
    return timeout;
  }

  /** The server in a few words without secrets: {@code redis://10.0.0.5:6379}. */
  @Override
  public String toString() {
    return url.toString();
  }
}
