package dev.roomcast.redis;

import dev.roomcast.chat.Ack;
import dev.roomcast.chat.Broker;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.Draft;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.History;
import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.Retention;
import dev.roomcast.chat.Revision;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/**
 * The log of messages on Redis: commands go out on one link, announcements and reads of logs come
 * in on another. Thread-safe.
 */
final class RedisBroker implements Broker {

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");
  private static final int MOST_LATE = 2;

  private final RedisLink commands;
  private final Subscriptions subscriptions;
  private final Publisher publisher;
  private final Unreads unreads;
  private final Keys keys;
  private final Epochs epochs;
  private final Duration timeout;
  private final ScheduledExecutorService timer;
  private final AtomicLong canaries = new AtomicLong();
  private final AtomicInteger late = new AtomicInteger();

  RedisBroker(
      RedisLink commands,
      Subscriptions subscriptions,
      Publisher publisher,
      Unreads unreads,
      Keys keys,
      Epochs epochs,
      Duration timeout,
      ScheduledExecutorService timer) {
    this.commands = commands;
    this.subscriptions = subscriptions;
    this.publisher = publisher;
    this.unreads = unreads;
    this.keys = keys;
    this.epochs = epochs;
    this.timeout = timeout;
    this.timer = timer;
  }

  @Override
  public CompletionStage<Ack> publish(String room, Draft draft) {
    return publisher.publish(room, draft);
  }

  @Override
  public CompletionStage<@Nullable Ack> revise(String room, Draft draft, List<Revision> revisions) {
    return publisher.revise(room, draft, revisions);
  }

  @Override
  public CompletionStage<Void> announce(String room, Json frame) {
    return publish(keys.channel(room), Announcement.ephemeral(frame));
  }

  private CompletionStage<Void> publish(String channel, byte[] payload) {
    return commands
        .call(new CommandArguments(Command.PUBLISH).add(channel).add(payload))
        .thenAccept(receivers -> {});
  }

  @Override
  public CompletionStage<History> subscribe(String room, HistoryQuery query) {
    return subscriptions.subscribe(room, query);
  }

  @Override
  public CompletionStage<Void> unsubscribe(String room) {
    subscriptions.unsubscribe(room);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<History> history(String room, HistoryQuery query) {
    return subscriptions.reader().read(room, query);
  }

  @Override
  public CompletionStage<Long> markRead(String room, String user, long offset) {
    return unreads.markRead(room, user, offset);
  }

  @Override
  public CompletionStage<List<Unread>> unread(String user, List<String> rooms) {
    return unreads.unread(user, rooms);
  }

  @Override
  public CompletionStage<ConversationPage> conversations(String user, String after, int limit) {
    return unreads.conversations(user, after, limit);
  }

  @Override
  public CompletionStage<Void> tell(String user, Json frame) {
    return commands
        .eval(
            Script.TELL,
            List.of(keys.userSessions(user)),
            keys.session("?"),
            keys.inbox("?"),
            Announcement.told(user, frame))
        .thenAccept(done -> {});
  }

  @Override
  public CompletionStage<Void> retain(String room, Retention retention) {
    return commands
        .eval(
            Script.RETAIN,
            List.of(keys.log(room), keys.meta(room)),
            commands.runId(),
            epochs.next(),
            retention.count(),
            retention.age().toMillis(),
            retention.bytes())
        .thenAccept(done -> {});
  }

  @Override
  public CompletionStage<Void> destroy(String room) {
    return commands
        .eval(
            Script.DESTROY,
            List.of(keys.log(room), keys.meta(room), keys.keys(room), keys.olderKeys(room)),
            commands.runId(),
            epochs.next())
        .thenAccept(done -> {});
  }

  @Override
  public CompletionStage<Void> signal(Json control) {
    return publish(keys.control(), control.toUtf8());
  }

  /**
   * Canaries that do not come back mean a deaf subscriber: its connection is replaced. One may be
   * late because this node is busy; a replacement would only add to that.
   */
  @Override
  public CompletionStage<Duration> probe() {
    CompletableFuture<Duration> probe = new CompletableFuture<>();
    String token = Long.toString(canaries.incrementAndGet());
    long sent = System.nanoTime();
    subscriptions.expectCanary(
        token, () -> probe.complete(Duration.ofNanos(System.nanoTime() - sent)));
    probe.whenComplete((took, failure) -> subscriptions.forgetCanary(token));
    publish(subscriptions.canaryChannel(), token.getBytes(StandardCharsets.US_ASCII))
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                probe.completeExceptionally(ChatException.of(failure));
              }
            });
    boolean listening = subscriptions.link().isUp();
    try {
      timer.schedule(() -> end(probe, listening), timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      probe.completeExceptionally(new ChatException(ErrorCode.UNAVAILABLE, "closed"));
    }
    return probe;
  }

  private void end(CompletableFuture<Duration> probe, boolean listening) {
    boolean isLate =
        probe.completeExceptionally(
            new ChatException(ErrorCode.UNAVAILABLE, "what is announced does not arrive here"));
    if (!isLate) {
      late.set(0);
    } else if (listening && late.incrementAndGet() >= MOST_LATE) {
      late.set(0);
      log.warn(
          "what is announced does not arrive here, though Redis answers. The connection is replaced, and"
              + " rooms read their logs then, so nothing is lost; if this repeats, look at the load of"
              + " this process and of Redis");
      subscriptions.link().replaceConnection();
    }
  }
}
