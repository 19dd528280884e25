package dev.roomcast.redis;

import dev.roomcast.chat.BackendListener;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.Draft;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.History;
import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.Limits;
import dev.roomcast.chat.PresenceChange;
import dev.roomcast.chat.Publication;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;

/** A started backend, and what its listener heard. Thread-safe. */
final class Heard implements BackendListener, AutoCloseable {

  static final Limits LIMITS = Limits.DEFAULTS.toBuilder().historyCount(1_000_000).build();

  final RedisBackend backend;
  final List<Publication> publications = new CopyOnWriteArrayList<>();
  final List<PresenceChange> changes = new CopyOnWriteArrayList<>();
  final List<String> gaps = new CopyOnWriteArrayList<>();
  final List<Json> controls = new CopyOnWriteArrayList<>();
  final List<Integer> batches = new CopyOnWriteArrayList<>();
  final AtomicInteger skipped = new AtomicInteger();
  final AtomicInteger tooFewReplicas = new AtomicInteger();
  final AtomicBoolean connected = new AtomicBoolean();
  private final AtomicReference<Runnable> onceDeaf = new AtomicReference<>(() -> {});

  private Heard(RedisBackend backend) {
    this.backend = backend;
  }

  /** Starts a node and waits until it hears what is announced. */
  static Heard start(String node, RedisOptions options) {
    Heard heard = startAnyway(node, options);
    heard.untilReady();
    return heard;
  }

  /** Starts a node with limits of its own and waits until it hears what is announced. */
  static Heard start(String node, RedisOptions options, Limits limits) {
    Heard heard = startAnyway(node, options, limits);
    heard.untilReady();
    return heard;
  }

  /** Starts a node, whether there is a server or not. */
  static Heard startAnyway(String node, RedisOptions options) {
    return startAnyway(node, options, LIMITS);
  }

  private static Heard startAnyway(String node, RedisOptions options, Limits limits) {
    Heard heard = new Heard(RedisBackend.connect(options));
    heard.backend.start(node, limits, heard);
    return heard;
  }

  /** Makes a link on which nothing is delivered; it is not started. */
  static RedisLink link(String name, int replicas, RedisOptions options, Runnable onUp) {
    return new RedisLink(
        new RedisConnection.Purpose(name, false, replicas),
        options,
        Endpoint.of(options),
        new RedisLink.Listener() {
          @Override
          public void onUp() {
            onUp.run();
          }

          @Override
          public void onMessage(byte[] channel, byte[] payload) {
            // Nothing is subscribed to.
          }
        });
  }

  void untilReady() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(10))
        .ignoreExceptions()
        .until(() -> !get(backend.broker().probe()).isNegative());
  }

  /**
   * Has a connection that hears cut and sends a canary before there is another; it must come back.
   *
   * @param cut cuts it; Redis tells it from others by what is subscribed to, so it is done again
   *     until it is gone
   */
  void untilCanarySentWhileDeafIsBack(Callable<?> cut) throws Exception {
    AtomicReference<CompletionStage<Duration>> probe = new AtomicReference<>();
    onceDeaf.set(() -> probe.set(backend.broker().probe()));
    until(
        () -> {
          cut.call();
          return probe.get() != null;
        });
    Assertions.assertFalse(get(Objects.requireNonNull(probe.get())).isNegative());
  }

  /** Reads the whole log that is retained, a page at a time. */
  List<Publication> log(String room) {
    List<Publication> all = new ArrayList<>();
    History page;
    do {
      long after = all.isEmpty() ? 0 : all.get(all.size() - 1).offset();
      page = read(room, new HistoryQuery.After(after, 1_000));
      all.addAll(page.publications());
    } while (page.more());
    return all;
  }

  /** Reads a page; asks again while the link has not come back. */
  private History read(String room, HistoryQuery query) {
    AtomicReference<History> page = new AtomicReference<>();
    until(
        () -> {
          try {
            page.set(get(backend.broker().history(room, query)));
            return true;
          } catch (ChatException e) {
            Assertions.assertEquals(ErrorCode.UNAVAILABLE, e.code());
            return false;
          }
        });
    return Objects.requireNonNull(page.get());
  }

  static Draft draft(String text) {
    return draft(text, null);
  }

  static Draft draft(String text, @Nullable String key) {
    return new Draft(Json.of("text", text), System.currentTimeMillis(), key);
  }

  static List<String> texts(List<Publication> publications) {
    return publications.stream()
        .map(p -> p.body().text().replaceAll("^\\{\"text\":\"(.*)\"}$", "$1"))
        .toList();
  }

  static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw ChatException.of(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  static void until(Callable<Boolean> condition) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(5))
        .until(condition);
  }

  @Override
  public void onPublications(String room, List<Publication> batch) {
    publications.addAll(batch);
  }

  @Override
  public void onEphemeral(String room, Json frame) {}

  @Override
  public void onPresence(String room, PresenceChange change) {
    changes.add(change);
  }

  @Override
  public void onGap(String room) {
    gaps.add(room);
  }

  @Override
  public void onConnection(boolean up) {
    connected.set(up);
    if (!up) {
      onceDeaf.getAndSet(() -> {}).run();
    }
  }

  @Override
  public void onBatch(int drafts) {
    batches.add(drafts);
  }

  @Override
  public void onSkipped() {
    skipped.incrementAndGet();
  }

  @Override
  public void onTooFewReplicas(int drafts) {
    tooFewReplicas.addAndGet(drafts);
  }

  @Override
  public void onControl(Json control) {
    controls.add(control);
  }

  @Override
  public void close() {
    backend.close();
  }
}
