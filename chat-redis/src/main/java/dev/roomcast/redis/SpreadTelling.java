package dev.roomcast.redis;

import dev.roomcast.chat.Ack;
import dev.roomcast.chat.Draft;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hands things to the nodes of users in a cluster: a user's slot knows the nodes, each of which
 * listens to a channel in a slot of its own.
 *
 * <p>A channel without a listener may belong to a node that listens elsewhere already, because its
 * slot has just moved: it is told again a few times. Immutable; thread-safe.
 */
final class SpreadTelling implements Telling {

  private static final long[] AGAIN_MS = {100, 1_000, 3_000};

  private final Commands commands;
  private final Keys keys;
  private final ScheduledExecutorService timer;

  SpreadTelling(Commands commands, Keys keys, ScheduledExecutorService timer) {
    this.commands = commands;
    this.keys = keys;
    this.timer = timer;
  }

  @Override
  public CompletableFuture<Void> tell(String user, byte[] payload) {
    return commands
        .eval(Script.PLACE_NODES, List.of(keys.places(user)))
        .thenCompose(nodes -> tell(Replies.texts(nodes), payload));
  }

  private CompletableFuture<Void> tell(List<String> nodes, byte[] payload) {
    return CompletableFuture.allOf(
        nodes.stream().map(node -> tell(node, payload, 0)).toArray(CompletableFuture<?>[]::new));
  }

  private CompletableFuture<Void> tell(String node, byte[] payload, int attempt) {
    return commands
        .announce(keys.inbox(node), payload)
        .thenAccept(
            listeners -> {
              if (Replies.number(listeners) == 0
                  && attempt < AGAIN_MS.length
                  && !timer.isShutdown()) {
                timer.schedule(
                    () -> tell(node, payload, attempt + 1),
                    AGAIN_MS[attempt],
                    TimeUnit.MILLISECONDS);
              }
            });
  }

  @Override
  public List<String> keys(String user) {
    return List.of();
  }

  @Override
  public CompletableFuture<Void> logged(
      String room,
      Map<String, String> users,
      List<Draft> drafts,
      List<@Nullable Ack> acks,
      Duration lasts) {
    boolean fresh = false;
    long ts = 0;
    List<byte[]> payloads = new ArrayList<>();
    for (int i = 0; i < acks.size(); i++) {
      Ack ack = acks.get(i);
      if (ack != null) {
        // What was logged before is told as well: whoever logged it may have died before this.
        fresh |= !ack.duplicate();
        ts = Math.max(ts, ack.ts());
        payloads.add(Announcement.direct(room, ack, drafts.get(i)));
      }
    }
    if (users.isEmpty() || payloads.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    String at = fresh ? "" : Long.toString(ts);
    CompletableFuture<Set<String>> nodes = CompletableFuture.completedFuture(new LinkedHashSet<>());
    for (String user : users.keySet()) {
      List<String> names = List.of(keys.conversations(user), keys.places(user));
      nodes =
          nodes.thenCombine(
              commands.eval(Script.CONVERSE, names, room, at, lasts.toMillis()),
              (all, answer) -> {
                all.addAll(Replies.texts(answer));
                return all;
              });
    }
    return nodes.thenCompose(
        all ->
            CompletableFuture.allOf(
                payloads.stream()
                    .map(payload -> tell(List.copyOf(all), payload))
                    .toArray(CompletableFuture<?>[]::new)));
  }
}
