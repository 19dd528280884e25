package dev.roomcast.redis;

import dev.roomcast.chat.Ack;
import dev.roomcast.chat.Broker;
import dev.roomcast.chat.Draft;
import dev.roomcast.chat.History;
import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.Retention;
import dev.roomcast.chat.Revision;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The log of messages on Redis: commands go out on one link, announcements and reads of logs come
 * in on another. Thread-safe.
 */
final class RedisBroker implements Broker {

  private final Commands commands;
  private final Listening listening;
  private final Publisher publisher;
  private final Unreads unreads;
  private final Keys keys;
  private final Epochs epochs;
  private final Telling telling;

  RedisBroker(
      Commands commands,
      Listening listening,
      Publisher publisher,
      Unreads unreads,
      Keys keys,
      Epochs epochs,
      Telling telling) {
    this.commands = commands;
    this.listening = listening;
    this.publisher = publisher;
    this.unreads = unreads;
    this.keys = keys;
    this.epochs = epochs;
    this.telling = telling;
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
    return commands.announce(channel, payload).thenAccept(receivers -> {});
  }

  @Override
  public CompletionStage<History> subscribe(String room, HistoryQuery query) {
    return listening.subscribe(room, query);
  }

  @Override
  public CompletionStage<Void> unsubscribe(String room) {
    listening.unsubscribe(room);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<History> history(String room, HistoryQuery query) {
    return listening.history(room, query);
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
    return telling.tell(user, Announcement.told(user, frame));
  }

  @Override
  public CompletionStage<Void> retain(String room, Retention retention) {
    return commands
        .eval(
            Script.RETAIN,
            List.of(keys.log(room), keys.meta(room)),
            Script.RUN,
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
            Script.RUN,
            epochs.next())
        .thenAccept(done -> {});
  }

  @Override
  public CompletionStage<Void> signal(Json control) {
    return publish(keys.control(), control.toUtf8());
  }

  @Override
  public CompletionStage<Duration> probe() {
    return listening.probe();
  }
}
