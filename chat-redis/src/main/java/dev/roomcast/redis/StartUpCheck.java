package dev.roomcast.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/**
 * Looks once, when a node has its first connection, whether the server is set up so that it can
 * keep what is promised, and warns where it is not: what may happen, and what to set. Thread-safe.
 */
final class StartUpCheck {

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");

  private final RedisOptions options;
  private final @Nullable String key;
  private final @Nullable String owner;
  private final AtomicBoolean done = new AtomicBoolean();

  /**
   * Creates a check.
   *
   * @param key on which permissions are tried, null when they are not
   * @param owner the key with whose the namespace is, null where it is on another server
   */
  StartUpCheck(RedisOptions options, @Nullable String key, @Nullable String owner) {
    this.options = options;
    this.key = key;
    this.owner = owner;
  }

  /** What is known about a server; null is what could not be found out. Immutable. */
  record Facts(
      String version,
      boolean local,
      boolean authenticated,
      String memory,
      String persistence,
      @Nullable String snapshots,
      String owner,
      List<String> missing,
      int replicas) {

    private boolean isOld() {
      Matcher parts = Pattern.compile("^(\\d+)\\.(\\d+)").matcher(version);
      return parts.find()
          && Integer.parseInt(parts.group(1)) * 100 + Integer.parseInt(parts.group(2)) < 602;
    }

    private boolean keepsNothing() {
      return Replies.field(persistence, "aof_enabled").equals("0")
          && (snapshots == null || snapshots.isEmpty());
    }

    private boolean keepsSnapshotsOnly() {
      return Replies.field(persistence, "aof_enabled").equals("0") && !keepsNothing();
    }
  }

  /** Looks, unless that was done before. */
  void run(RedisLink link) {
    RedisConnection connection = link.connection();
    if (connection == null || !done.compareAndSet(false, true)) {
      return;
    }
    CompletableFuture<String> memory = info(link, "memory");
    CompletableFuture<String> persistence = info(link, "persistence");
    CompletableFuture<@Nullable String> snapshots =
        link.call(new CommandArguments(Command.CONFIG).add("GET").add("save"))
            .handle((answer, failure) -> failure == null ? snapshots(answer) : null);
    CompletableFuture<String> other =
        owner == null
            ? CompletableFuture.completedFuture("")
            : link.eval(Script.OWNER, List.of(owner), options.application())
                .handle((answer, failure) -> failure == null ? Replies.text(answer) : "");
    CompletableFuture<List<String>> missing =
        key == null
            ? CompletableFuture.completedFuture(List.of())
            : link.eval(Script.PERMISSIONS, List.of(key), key)
                .handle(
                    (answer, failure) ->
                        failure == null
                            ? CompletableFuture.completedFuture(Replies.texts(answer))
                            : Refusals.isOfPermissions(failure)
                                ? CompletableFuture.completedFuture(List.of("anything"))
                                : CompletableFuture.<List<String>>failedFuture(failure))
                .thenCompose(found -> found);
    CompletableFuture.allOf(memory, persistence, snapshots, other, missing)
        .thenRun(
            () ->
                report(
                    new Facts(
                        connection.version(),
                        connection.isLocal(),
                        options.authenticates(),
                        memory.join(),
                        persistence.join(),
                        snapshots.join(),
                        other.join(),
                        missing.join(),
                        connection.replicas())))
        .whenComplete(
            (checked, failure) -> {
              if (failure != null) {
                done.set(false); // the connection was lost meanwhile: again with the next one
                log.debug("the server could not be looked at", failure);
              }
            });
  }

  private static CompletableFuture<String> info(RedisLink link, String section) {
    return link.call(new CommandArguments(Command.INFO).add(section))
        .thenApply(
            answer ->
                answer instanceof byte[] text ? new String(text, StandardCharsets.UTF_8) : "");
  }

  /** The answer of RESP3 is a map, which comes as a list of pairs or of names and values. */
  private static String snapshots(@Nullable Object answer) {
    StringBuilder text = new StringBuilder();
    flatten(answer, text);
    return text.toString().replaceFirst("^save ?", "").trim();
  }

  private static void flatten(@Nullable Object answer, StringBuilder text) {
    if (answer instanceof List<?> list) {
      list.forEach(item -> flatten(item, text));
    } else if (answer instanceof redis.clients.jedis.util.KeyValue<?, ?> pair) {
      flatten(pair.getKey(), text);
      flatten(pair.getValue(), text);
    } else if (answer instanceof byte[] bytes) {
      text.append(new String(bytes, StandardCharsets.UTF_8)).append(' ');
    }
  }

  private void report(Facts facts) {
    findings(facts, options).forEach(finding -> log.warn("{}: {}", options, finding));
  }

  /** One sentence or two for each thing that is not as it should be. */
  static List<String> findings(Facts facts, RedisOptions options) {
    List<String> findings = new ArrayList<>();
    String policy = Replies.field(facts.memory(), "maxmemory_policy");
    String most = Replies.field(facts.memory(), "maxmemory");
    if (!policy.isEmpty() && !policy.equals("noeviction") && !most.equals("0")) {
      findings.add(
          "when its memory is full, Redis removes keys by itself (maxmemory-policy "
              + policy
              + "): logs, members and sessions of rooms may vanish. Set maxmemory-policy"
              + " noeviction");
    }
    if (facts.keepsNothing()) {
      findings.add(
          "Redis keeps nothing on disk: when it restarts, everything that was acknowledged is gone."
              + " Set appendonly yes, and appendfsync always where not a second may be lost");
    } else if (facts.keepsSnapshotsOnly()) {
      findings.add(
          "Redis writes snapshots only: when it restarts, what was acknowledged since the last one"
              + " is gone. Set appendonly yes, and appendfsync always where not a second may be"
              + " lost");
    }
    if (!facts.local() && !facts.authenticated()) {
      findings.add(
          "Redis is on another machine and asks for no password: whoever reaches it reads and"
              + " writes all rooms. Give it a user for this namespace (ACL.md), and the password in"
              + " the URL or with password-file");
    }
    if (facts.replicas() < options.waitReplicas()) {
      findings.add(
          "wait-replicas is "
              + options.waitReplicas()
              + ", and "
              + facts.replicas()
              + " follow this server: until there are more, what is published is answered"
              + " \"unavailable\"");
    }
    if (facts.isOld()) {
      findings.add(
          "Redis "
              + facts.version()
              + " is older than what this release was tried with: commands may be missing. Use 6.2"
              + " or later, or Valkey");
    }
    if (!facts.owner().isEmpty()) {
      findings.add(
          "the namespace "
              + options.namespace()
              + " is in use by the application \""
              + facts.owner()
              + "\", and this is "
              + (options.application().isEmpty()
                  ? "one without a name"
                  : "\"" + options.application() + "\"")
              + ": both would share their rooms, users and sessions. Give each its own namespace,"
              + " or both the same application");
    }
    if (!facts.missing().isEmpty()) {
      findings.add(
          "the Redis user "
              + (options.user() == null ? "default" : options.user())
              + " may not run "
              + String.join(", ", facts.missing())
              + " on the keys "
              + options.namespace()
              + ":*: what needs them is answered \"unavailable\". Grant what ACL.md lists");
    }
    return findings;
  }
}
