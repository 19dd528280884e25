package dev.roomcast.redis;

import dev.roomcast.chat.Ack;
import dev.roomcast.chat.BackendListener;
import dev.roomcast.chat.Draft;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.PresenceChange;
import dev.roomcast.chat.Publication;
import dev.roomcast.chat.Retention;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import redis.clients.jedis.CommandArguments;

/**
 * What a batch costs the node that publishes it: messages gathered into one command, its bytes
 * written, and the answer shared out as acks. Redis and the socket are missing.
 *
 * <p>Confined to the benchmark's thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BatchBenchmark {

  private static final String ROOM = "room-12";
  private static final long TS = 1_790_000_000_000L;

  /** Publications in the batch. */
  @Param({"1", "16", "256"})
  public int batch;

  private final NoRedis redis = new NoRedis();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final Draft draft =
      new Draft(
              Json.parse(
                  "{\"type\":\"message\",\"room\":\"room-12\",\"user\":{\"id\":\"u-ann\",\"name\":\"Ann\"},\"ts\":"
                      + TS
                      + ",\"kind\":\"text\",\"text\":\""
                      + "abcdefgh".repeat(16)
                      + "\",\"key\":\"k-1234567\"}"),
              TS,
              "u-ann k-1234567")
          .by("u-ann");
  private @Nullable Publisher publisher;
  private @Nullable CompletableFuture<Ack> last;

  /** Takes commands as a link does, and answers when it is told to. */
  private static final class NoRedis implements Commands {
    private final Resp out =
        new Resp(
            new Wire(
                InputStream.nullInputStream(),
                new ByteArrayInputStream(new byte[0]),
                OutputStream.nullOutputStream(),
                null,
                true));
    private CompletableFuture<@Nullable Object> answer = new CompletableFuture<>();

    void answer() {
      CompletableFuture<@Nullable Object> now = answer;
      answer = new CompletableFuture<>();
      now.complete("7|1790000000000|k3x9|1001".getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public CompletableFuture<@Nullable Object> eval(
        Script script, List<String> keys, Object... values) {
      out.write(
          Script.command(
              script.text(false),
              true,
              () -> "run".getBytes(StandardCharsets.UTF_8),
              keys,
              values));
      return answer;
    }

    @Override
    public CompletableFuture<@Nullable Object> call(String key, CommandArguments command) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<@Nullable Object> announce(String channel, byte[] payload) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isUp(String key) {
      return true;
    }

    @Override
    public long downSince(String key) {
      return 0;
    }
  }

  /** Whom nothing is announced to. Stateless. */
  private static final class Nobody implements BackendListener {
    @Override
    public void onPublications(String room, List<Publication> publications) {}

    @Override
    public void onEphemeral(String room, Json frame) {}

    @Override
    public void onPresence(String room, PresenceChange change) {}

    @Override
    public void onGap(String room) {}

    @Override
    public void onControl(Json control) {}
  }

  /** Puts a batch on its way, behind which the next one gathers. */
  @Setup
  public void publisher() {
    Keys keys = new Keys("dev:bench");
    NodeContext context =
        new NodeContext(
            "node",
            RedisOptions.of("redis://127.0.0.1:1"),
            keys,
            new Epochs(),
            new Retention(1_000, Duration.ofHours(24), 16 << 20),
            timer,
            new Nobody());
    Publisher made =
        new Publisher(context, redis, new OneIndex(redis, keys), new OneTelling(redis, keys));
    publisher = made;
    last = made.publish(ROOM, draft);
  }

  /** Ends the timer, which nothing was given to. */
  @TearDown
  public void close() {
    timer.shutdownNow();
  }

  /** So many messages are published, and the acks come of those before. */
  @Benchmark
  public boolean publish() {
    Publisher to = java.util.Objects.requireNonNull(publisher);
    CompletableFuture<Ack> before = java.util.Objects.requireNonNull(last);
    for (int i = 0; i < batch; i++) {
      last = to.publish(ROOM, draft);
    }
    redis.answer();
    if (!before.isDone()) {
      throw new IllegalStateException("no ack");
    }
    return true;
  }
}
