package dev.roomcast.redis;

import dev.roomcast.chat.Ack;
import dev.roomcast.chat.BackendListener;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.Draft;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.Retention;
import dev.roomcast.chat.Revision;
import dev.roomcast.redis.Batch.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Group commit: each room has one batch on its way to the log, and what arrives meanwhile is the
 * next one. What one thread reads at once goes together too, see {@link #whileReading}: what came
 * together is logged, announced and delivered together, and not its first message alone.
 *
 * <p>A batch has a number, and its room remembers the last number of each publisher: so a batch
 * whose answer was lost with the connection is sent again as it was, and never applied twice. That
 * goes on for {@link #PATIENCE_MS}, counted from the first attempt or from when the connection was
 * lost; then its drafts end with {@code unavailable}.
 *
 * <p>A lane's state is guarded by the lane; of {@code readers} each thread uses its own entry,
 * which is there while it reads and has the lanes that it is to send. Thread-safe.
 */
final class Publisher {

  static final long PATIENCE_MS = 5_000;

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");
  private static final int GATHERED = 64;
  private static final long MAX_WAITING_BYTES = 64L << 20;
  private static final long RETRY_MS = 25;

  private final String id;
  private final Commands link;
  private final BackendListener listener;
  private final RoomIndex index;
  private final Telling telling;
  private final Keys keys;
  private final Epochs epochs;
  private final Retention retention;
  private final ScheduledExecutorService timer;
  private final ConcurrentHashMap<String, Lane> lanes = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Thread, List<Lane>> readers = new ConcurrentHashMap<>();
  private final Queue<Batch> stalled = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean retryScheduled = new AtomicBoolean();
  private final AtomicLong numbers = new AtomicLong();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final AtomicLong complaints = new AtomicLong(System.nanoTime() - Long.MAX_VALUE / 2);

  Publisher(NodeContext context, Commands link, RoomIndex index, Telling telling) {
    this.id = context.node();
    this.link = link;
    this.index = index;
    this.telling = telling;
    this.keys = context.keys();
    this.epochs = context.epochs();
    this.retention = context.retention();
    this.timer = context.timer();
    this.listener = context.listener();
  }

  CompletableFuture<Ack> publish(String room, Draft draft) {
    return publish(room, Waiting.of(draft, List.of())).thenApply(Objects::requireNonNull);
  }

  /** Has null when a revision does not fit; see {@link dev.roomcast.chat.Broker#revise}. */
  CompletableFuture<@Nullable Ack> revise(String room, Draft draft, List<Revision> revisions) {
    return publish(room, Waiting.of(draft, revisions));
  }

  private CompletableFuture<@Nullable Ack> publish(String room, Waiting waiting) {
    if (waitingBytes.addAndGet(waiting.bytes()) > MAX_WAITING_BYTES) {
      waitingBytes.addAndGet(-waiting.bytes());
      waiting
          .ack()
          .completeExceptionally(
              new ChatException(ErrorCode.UNAVAILABLE, "too many messages wait for the store"));
      return waiting.ack();
    }
    List<Lane> mine = readers.get(Thread.currentThread());
    while (true) {
      Lane lane = lanes.computeIfAbsent(room, Lane::new);
      Batch batch = null;
      synchronized (lane) {
        if (lane.removed) {
          continue;
        }
        lane.waiting.add(waiting);
        if (lane.onItsWay == null) {
          batch = gather(lane, mine) ? null : lane.next(numbers.incrementAndGet());
        }
      }
      if (batch != null) {
        send(batch);
      } else if (mine != null && mine.size() >= GATHERED) {
        sendAll(mine);
      }
      return waiting.ack();
    }
  }

  /**
   * Leaves the lane to the end of what this thread reads; false when it does not read, and so must
   * not wait for others that do. Must be called with the lane's monitor held.
   *
   * @param mine the lanes that this thread is to send, null when it does not read
   */
  private static boolean gather(Lane lane, @Nullable List<Lane> mine) {
    if (mine != null && !lane.gathers) {
      lane.gathers = true;
      mine.add(lane);
    }
    return mine != null;
  }

  /**
   * Runs what reads and publishes, then sends it, in one batch for each room. Of {@value #GATHERED}
   * rooms it sends before: none waits for the many that may come behind it.
   */
  void whileReading(Runnable read) {
    List<Lane> mine = new ArrayList<>();
    if (readers.putIfAbsent(Thread.currentThread(), mine) != null) {
      read.run();
      return;
    }
    try {
      read.run();
    } finally {
      readers.remove(Thread.currentThread());
      sendAll(mine);
    }
  }

  /** Empties the list first: who is told that a batch failed may publish again on this thread. */
  private void sendAll(List<Lane> gathered) {
    List<Lane> all = List.copyOf(gathered);
    gathered.clear();
    if (!all.isEmpty()) {
      link.inOneGo(() -> all.forEach(this::sendGathered));
    }
  }

  private void sendGathered(Lane lane) {
    Batch batch;
    synchronized (lane) {
      batch = lane.gathers ? lane.next(numbers.incrementAndGet()) : null;
    }
    if (batch != null) {
      send(batch);
    }
  }

  private void send(Batch batch) {
    try {
      write(batch);
    } catch (RuntimeException | Error e) {
      failed(batch, e); // and no other, though others may have been gathered with it
    }
  }

  private void write(Batch batch) {
    String room = batch.room();
    List<Object> values = new ArrayList<>(10 + 5 * batch.drafts().size());
    values.add(Script.RUN);
    values.add(epochs.next());
    values.add(keys.channel(room));
    values.add(room);
    values.add(id);
    values.add(batch.number());
    values.add(retention.count());
    values.add(retention.age().toMillis());
    values.add(retention.bytes());
    List<String> names = new ArrayList<>(12);
    names.addAll(
        List.of(
            keys.log(room),
            keys.meta(room),
            keys.batches(room),
            keys.keys(room),
            keys.olderKeys(room),
            keys.marks(room)));
    Map<String, String> users = batch.audience();
    names = addAudience(room, users, names, values);
    if (users.isEmpty()) {
      index.exists(room).whenComplete(this::listed);
    }
    batch.addTo(values);
    link.eval(Script.PUBLISH, names, values.toArray())
        .thenApply(answer -> batch.acks(Replies.text(answer)))
        .thenCompose(
            acks ->
                users.isEmpty()
                    ? CompletableFuture.completedFuture(acks)
                    : told(batch, users, acks))
        .whenComplete(
            (acks, failure) -> {
              if (failure == null) {
                done(batch, acks);
              } else if (Refusals.isPassing(failure) && !isOverdue(batch)) {
                stalled.add(batch);
                retryLater();
              } else {
                failed(batch, failure);
              }
            });
  }

  private List<String> addAudience(
      String room, Map<String, String> users, List<String> names, List<Object> values) {
    values.add(users.size());
    if (users.isEmpty()) {
      return index.keys(names, keys.rooms());
    }
    values.add(keys.session("?"));
    values.add(keys.inbox("?"));
    names.add(keys.names(room));
    users.forEach(
        (user, name) -> {
          values.add(user);
          values.add(name);
          names.addAll(telling.keys(user));
        });
    return names;
  }

  private CompletableFuture<List<@Nullable Ack>> told(
      Batch batch, Map<String, String> users, List<@Nullable Ack> acks) {
    List<Draft> drafts = batch.drafts().stream().map(Waiting::draft).toList();
    long lasts = Math.max(2 * retention.age().toMillis(), TimeUnit.HOURS.toMillis(1));
    return telling
        .logged(batch.room(), users, drafts, acks, Duration.ofMillis(lasts))
        .thenApply(done -> acks);
  }

  /** Whoever lists the rooms sees it at the next batch then. */
  private void listed(@Nullable Void done, @Nullable Throwable failure) {
    if (failure != null) {
      log.debug("a room could not be put on the list", failure);
    }
  }

  private boolean isOverdue(Batch batch) {
    long now = System.nanoTime();
    long patience = TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
    String key = keys.log(batch.room());
    return now - batch.since() > patience
        || !link.isUp(key) && now - link.downSince(key) > patience;
  }

  private void done(Batch batch, List<@Nullable Ack> acks) {
    next(batch);
    listener.onBatch(acks.size());
    for (int i = 0; i < acks.size(); i++) {
      batch.drafts().get(i).ack().complete(acks.get(i));
    }
  }

  private void failed(Batch batch, Throwable failure) {
    ChatException told = ChatException.of(failure);
    if (told.getCause() instanceof Replicas.TooFew) {
      listener.onTooFewReplicas(batch.drafts().size());
    }
    complain(told);
    // On another thread: a long row of batches that fail at once would nest as deep.
    execute(() -> next(batch));
    batch.fail(told);
  }

  private void complain(ChatException failure) {
    long before = complaints.get();
    long now = System.nanoTime();
    if (now - before > TimeUnit.SECONDS.toNanos(10) && complaints.compareAndSet(before, now)) {
      log.warn(
          "messages could not be {}: {}; {}",
          failure.getCause() instanceof Replicas.TooFew ? "acknowledged" : "logged",
          Refusals.describe(failure),
          Refusals.advice(failure));
    }
  }

  private void next(Batch before) {
    Lane lane = Objects.requireNonNull(lanes.get(before.room()), "a lane goes when it is empty");
    waitingBytes.addAndGet(-before.bytes());
    Batch batch = null;
    synchronized (lane) {
      lane.onItsWay = null;
      if (!lane.waiting.isEmpty()) {
        batch = lane.next(numbers.incrementAndGet());
      } else {
        lane.removed = true;
        lanes.remove(lane.room, lane);
      }
    }
    if (batch != null) {
      send(batch);
    }
  }

  /** Sends what is stalled again: there is a new connection. */
  void onUp() {
    execute(this::retry);
  }

  private void retryLater() {
    if (retryScheduled.compareAndSet(false, true)) {
      try {
        timer.schedule(
            () -> {
              retryScheduled.set(false);
              retry();
            },
            RETRY_MS,
            TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        failStalled();
      }
    }
  }

  private void retry() {
    List<Batch> waitOn = new ArrayList<>();
    Batch batch;
    while ((batch = stalled.poll()) != null) {
      if (link.isUp(keys.log(batch.room()))) {
        send(batch);
      } else if (isOverdue(batch)) {
        failed(batch, new ChatException(ErrorCode.UNAVAILABLE, "the store cannot be reached"));
      } else {
        waitOn.add(batch);
      }
    }
    if (!waitOn.isEmpty()) {
      stalled.addAll(waitOn);
      retryLater();
    }
  }

  private void execute(Runnable task) {
    try {
      timer.execute(task);
    } catch (RejectedExecutionException e) {
      failStalled();
    }
  }

  /** Ends everything that waits with {@code unavailable}; called when link and timer are closed. */
  void close() {
    failStalled();
    ChatException closed = new ChatException(ErrorCode.UNAVAILABLE, "the backend is closed");
    for (Lane lane : lanes.values()) {
      List<Waiting> waiting;
      synchronized (lane) {
        waiting = new ArrayList<>(lane.waiting);
        lane.waiting.clear();
        lane.gathers = false;
      }
      waiting.forEach(draft -> draft.ack().completeExceptionally(closed));
    }
  }

  private void failStalled() {
    ChatException closed = new ChatException(ErrorCode.UNAVAILABLE, "the backend is closed");
    Batch batch;
    while ((batch = stalled.poll()) != null) {
      batch.fail(closed);
    }
  }
}
