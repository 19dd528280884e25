package dev.roomcast.chat;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a node, for Micrometer: with a Prometheus registry the series {@code roomcast_*}.
 *
 * <pre>{@code
 * PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
 * ChatMetrics.of(chat).bindTo(registry);
 * ChatServer.builder(chat).metrics(registry::scrape).start();
 * }</pre>
 *
 * <p>Nothing in them is a user's but the names of rooms, and those only when {@link #roomNames}
 * asks for them: without, the busiest rooms go by their rank. No label has values that a client can
 * make up, but for these {@value BusyRooms#SHOWN} names. All figures are the node's own; sum them
 * up over the nodes. Needs {@code micrometer-core}, which nothing else here does. Immutable;
 * whoever binds it may do so from any thread.
 */
public final class ChatMetrics implements MeterBinder {

  /** How often what was measured is handed over to the registry. */
  private static final Duration HAND_OVER = Duration.ofSeconds(1);

  private static final String CONVERSATION = "dm:";

  private final ChatNode node;
  private final boolean roomNames;

  private ChatMetrics(ChatNode node, boolean roomNames) {
    this.node = node;
    this.roomNames = roomNames;
  }

  /** Returns the metrics of a node, without the names of rooms. */
  public static ChatMetrics of(ChatNode node) {
    return new ChatMetrics(Objects.requireNonNull(node, "node"), false);
  }

  /**
   * Returns these metrics with or without the names of the busiest rooms. They are for whoever may
   * know that these rooms exist. Conversations stay unnamed: their names are those of two users.
   */
  public ChatMetrics roomNames(boolean shown) {
    return new ChatMetrics(node, shown);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    holds(registry);
    counts(registry);
    Measures measures = node.measures();
    List<Distribution> distributions = new ArrayList<>();
    distributions.add(
        Distribution.ofTimes(
            registry,
            "roomcast.publish.ack",
            "From publishing to the store's answer, on the publishing node",
            Tags.empty(),
            measures.publishToAck));
    distributions.add(
        Distribution.ofTimes(
            registry,
            "roomcast.publish.delivery",
            "From publishing on any node to the fan-out here; as exact as the nodes' clocks agree",
            Tags.empty(),
            measures.publishToDelivery));
    distributions.add(
        Distribution.ofTimes(
            registry,
            "roomcast.store.round.trip",
            "From a request to the store to its answer",
            Tags.empty(),
            measures.storeRoundTrip));
    measures
        .hookTimes()
        .forEach(
            (hook, times) ->
                distributions.add(
                    Distribution.ofTimes(
                        registry,
                        "roomcast.hook",
                        "How long the application's code takes",
                        Tags.of("hook", hook.replace(' ', '_')),
                        times)));
    distributions.add(
        Distribution.ofSizes(
            registry,
            "roomcast.fanout.batch",
            "Messages that are sent to a room's members together",
            measures.fanOutBatch));
    distributions.add(
        Distribution.ofSizes(
            registry,
            "roomcast.store.batch",
            "Messages that are logged in one step of the store",
            measures.storeBatch));
    measures.busyRooms.watch();
    MultiGauge busiest =
        MultiGauge.builder("roomcast.busiest.room")
            .description(
                "Messages heard here in the "
                    + BusyRooms.SHOWN
                    + " busiest rooms in the last whole 10 s; never too low, too high by half a"
                    + " percent of all messages at most")
            .baseUnit("messages")
            .register(registry);
    later(HAND_OVER, () -> handOver(distributions));
    later(BusyRooms.INTERVAL, () -> show(busiest));
  }

  private void later(Duration delay, Runnable task) {
    node.clock().schedule(delay, task);
  }

  private void handOver(List<Distribution> distributions) {
    distributions.forEach(Distribution::handOver);
    later(HAND_OVER, () -> handOver(distributions));
  }

  private void show(MultiGauge busiest) {
    node.measures().busyRooms.endInterval(node.clock().millis());
    Map<Tags, Double> rows = new HashMap<>();
    int rank = 0;
    for (SpaceSaving.Estimate room : node.measures().busyRooms.busiest()) {
      rank++;
      Tags tags =
          roomNames
              ? Tags.of("room", room.name().startsWith(CONVERSATION) ? "dm:*" : room.name())
              : Tags.of("rank", Integer.toString(rank));
      rows.merge(tags, (double) room.count(), Double::sum);
    }
    busiest.register(
        rows.entrySet().stream()
            .<MultiGauge.Row<?>>map(row -> MultiGauge.Row.of(row.getKey(), row.getValue()))
            .toList(),
        true);
    later(BusyRooms.INTERVAL, () -> show(busiest));
  }

  private void holds(MeterRegistry registry) {
    Health health = node.measures().health;
    gauge(registry, "connections", null, "Open connections", n -> n.audience().connections());
    gauge(registry, "users", null, "Users with an open connection", n -> n.audience().users());
    gauge(
        registry,
        "sessions",
        null,
        "Sessions, those that wait for their client to come back too",
        ChatNode::sessionsHere);
    gauge(registry, "rooms", null, "Rooms with members here", node -> node.localRooms().size());
    gauge(
        registry,
        "members",
        null,
        "Members of all rooms that get frames here",
        n -> n.counters().members.sum());
    gauge(
        registry,
        "nodes",
        null,
        "Nodes with a lease, as this node saw it last",
        n -> health.nodes().size());
    gauge(registry, "ready", null, "1 when clients should be sent here", n -> n.ready() ? 1 : 0);
    gauge(registry, "draining", null, "1 when the node goes away", n -> n.draining() ? 1 : 0);
    gauge(
        registry,
        "outbox",
        "bytes",
        "Bytes that wait to be written to all connections",
        n -> health.outboxBytes());
    gauge(
        registry,
        "outbox.largest",
        "bytes",
        "Bytes that wait to be written to the slowest connection",
        n -> health.largestOutboxBytes());
    gauge(
        registry,
        "canary",
        "seconds",
        "How long the last canary took through publish and subscribe",
        n -> health.canaryNanos() < 0 ? Double.NaN : health.canaryNanos() / 1e9);
    gauge(
        registry,
        "canary.age",
        "seconds",
        "How long ago the last canary came back, or the node started",
        n ->
            (n.clock().millis() - (health.canaryAt() < 0 ? n.startedAt() : health.canaryAt()))
                / 1e3);
    gauge(
        registry,
        "store.connections",
        null,
        "Connections to the store that are up",
        n -> n.counters().storeConnections.sum() - n.counters().storeConnectionsLost.sum());
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      @Nullable String unit,
      String description,
      ToDoubleFunction<ChatNode> value) {
    Gauge.builder("roomcast." + name, node, value)
        .baseUnit(unit)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  private void counts(MeterRegistry registry) {
    Counters counters = node.counters();
    Measures measures = node.measures();
    count(registry, "connections.opened", "Connections opened", Tags.empty(), counters.opened);
    measures
        .closed()
        .forEach(
            (code, adder) ->
                count(
                    registry,
                    "connections.closed",
                    "Connections that ended, by close code",
                    Tags.of("code", code),
                    adder));
    byCode(
        registry,
        "connections.refused",
        "Clients that were refused before the upgrade, by reason",
        measures.refused());
    byCode(
        registry,
        "auth.failures",
        "Credentials that did not say who somebody is, by reason",
        measures.unauthenticated());
    byCode(
        registry,
        "publish.failures",
        "Messages that could not be logged, by reason",
        measures.publishFailures());
    count(registry, "sessions.resumed", "Sessions resumed", Tags.empty(), counters.resumed);
    count(
        registry,
        "messages.published",
        "Messages logged through this node",
        Tags.empty(),
        counters.published);
    count(
        registry,
        "messages.delivered",
        "Logged messages handed to members here, one for each",
        Tags.empty(),
        counters.delivered);
    count(
        registry,
        "announcements.duplicates",
        "Announcements dropped because they had been delivered",
        Tags.empty(),
        counters.duplicatesDropped);
    count(
        registry,
        "announcements.skipped",
        "Announcements of another release that this one does not know",
        Tags.empty(),
        counters.skipped);
    count(
        registry,
        "repairs",
        "Times that a log was read because an announcement was missing",
        Tags.empty(),
        counters.repairs);
    count(
        registry,
        "gaps",
        "Times that members were told of messages that cannot be had any more",
        Tags.empty(),
        counters.gaps);
    count(
        registry,
        "commands.invalid",
        "Commands refused for their form",
        Tags.empty(),
        counters.invalidCommands);
    count(
        registry,
        "memberships.reaped",
        "Memberships of dead nodes that this one removed",
        Tags.empty(),
        counters.reaped);
    count(
        registry,
        "canaries.late",
        "Canaries that did not come back in time",
        Tags.empty(),
        counters.lateProbes);
    count(
        registry,
        "store.failures",
        "Background operations that the store refused; they are tried again",
        Tags.empty(),
        counters.backendFailures);
    count(
        registry,
        "store.connects",
        "Connections made to the store",
        Tags.empty(),
        counters.storeConnections);
    count(
        registry,
        "store.disconnects",
        "Connections to the store that were lost",
        Tags.empty(),
        counters.storeConnectionsLost);
    count(
        registry,
        "store.unreplicated",
        "Messages logged but not acknowledged: too few replicas of the store had them in time",
        Tags.empty(),
        counters.tooFewReplicas);
    count(
        registry,
        "hooks.late",
        "Calls of the application's code that did not answer in time",
        Tags.empty(),
        counters.hooksLate);
    bytes(registry, "received", "Bytes of frames from clients", counters.received);
    bytes(registry, "sent", "Bytes of frames handed to connections", counters.sent);
    dropped(registry, "too_slow", counters.tooSlow);
    dropped(registry, "abuse", counters.abuse);
    for (LimitHit limit : LimitHit.values()) {
      limited(registry, limit, counters.limitHits.of(limit));
    }
  }

  private void dropped(MeterRegistry registry, String reason, LongAdder adder) {
    count(
        registry,
        "connections.dropped",
        "Connections that this node ended to protect itself, by reason",
        Tags.of("reason", reason),
        adder);
  }

  private void limited(MeterRegistry registry, LimitHit limit, LongAdder adder) {
    count(
        registry,
        "limit.hits",
        "Commands and clients refused and connections closed, by the limit that was reached",
        Tags.of("limit", limit.name().toLowerCase(Locale.ROOT)),
        adder);
  }

  private static void byCode(
      MeterRegistry registry, String name, String description, Map<ErrorCode, LongAdder> adders) {
    adders.forEach(
        (code, adder) -> count(registry, name, description, Tags.of("reason", code.wire()), adder));
  }

  private static void count(
      MeterRegistry registry, String name, String description, Tags tags, LongAdder adder) {
    FunctionCounter.builder("roomcast." + name, adder, LongAdder::sum)
        .description(description)
        .tags(tags)
        .register(registry);
  }

  private static void bytes(
      MeterRegistry registry, String name, String description, LongAdder adder) {
    FunctionCounter.builder("roomcast." + name, adder, LongAdder::sum)
        .description(description)
        .baseUnit("bytes")
        .register(registry);
  }
}
