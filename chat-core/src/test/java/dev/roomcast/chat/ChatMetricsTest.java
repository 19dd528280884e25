package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every metric moves when what it counts happens, and a scrape is what Prometheus reads. */
class ChatMetricsTest {

  private final StillNodes nodes = new StillNodes();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  private ChatNode watched(Limits limits) {
    ChatNode node = nodes.start(limits);
    ChatMetrics.of(node).bindTo(registry);
    return node;
  }

  private PrometheusText scrape() {
    nodes.clock.advanceSeconds(1);
    return new PrometheusText(registry.scrape());
  }

  private double value(String name, String... labels) {
    return scrape().value("roomcast_" + name, labels);
  }

  @Test
  void aScrapeIsTextThatPrometheusReads() {
    ChatNode node = watched(StillNodes.LIMITS);
    Client ann = Client.connect(node, "Ann");
    ann.join("general");
    ann.say("general", "hello");
    PrometheusText scrape = scrape();
    assertTrue(scrape.names().stream().allMatch(name -> name.startsWith("roomcast_")));
    assertEquals("histogram", scrape.types().get("roomcast_publish_delivery_seconds"));
    assertEquals("counter", scrape.types().get("roomcast_messages_published_total"));
    assertEquals("gauge", scrape.types().get("roomcast_connections"));
  }

  @Test
  void whatANodeHoldsIsThere() {
    ChatNode node = watched(StillNodes.LIMITS);
    ChatNode other = nodes.start(StillNodes.LIMITS);
    Client ann = Client.connect(node, "Ann");
    Client bob = Client.connect(node, "Bob");
    Client.connect(other, "Cid").join("general");
    ann.join("general");
    ann.join("news");
    bob.join("general");
    nodes.clock.advanceSeconds(10);
    PrometheusText scrape = scrape();
    assertEquals(2, scrape.value("roomcast_connections"));
    assertEquals(2, scrape.value("roomcast_users"));
    assertEquals(2, scrape.value("roomcast_sessions"));
    assertEquals(2, scrape.value("roomcast_rooms"));
    assertEquals(3, scrape.value("roomcast_members"));
    assertEquals(2, scrape.value("roomcast_nodes"));
    assertEquals(1, scrape.value("roomcast_ready"));
    assertEquals(0, scrape.value("roomcast_draining"));
    assertEquals(2, scrape.value("roomcast_connections_opened_total"));
    bob.session.closed(1006);
    scrape = scrape();
    assertEquals(1, scrape.value("roomcast_connections"));
    assertEquals(1, scrape.value("roomcast_users"));
    assertEquals(2, scrape.value("roomcast_sessions"), "he may come back");
    assertEquals(2, scrape.value("roomcast_members"), "but gets nothing meanwhile");
    node.startDrain(Duration.ofSeconds(1));
    scrape = scrape();
    assertEquals(1, scrape.value("roomcast_draining"));
    assertEquals(0, scrape.value("roomcast_ready"));
  }

  @Test
  void connectionsThatEndAreCountedByTheirCode() {
    ChatNode node = watched(StillNodes.LIMITS);
    Client.connect(node, "Ann").session.closed(1000);
    Client.connect(node, "Bob").session.closed(1006);
    Client.connect(node, "Cid").session.closed(4999);
    Client.connect(node, "Dee").session.closed(3000);
    Client eve = Client.connect(node, "Eve");
    Client.resume(node, eve.resumeSecret());
    nodes.clock.advanceSeconds(70);
    PrometheusText scrape = scrape();
    String closed = "roomcast_connections_closed_total";
    assertEquals(1, scrape.value(closed, "code", "1000"));
    assertEquals(1, scrape.value(closed, "code", "1006"));
    assertEquals(2, scrape.value(closed, "code", "other"));
    assertEquals(1, scrape.value(closed, "code", "4009"));
    assertEquals(1, scrape.value(closed, "code", "4008"), "the resumed one said nothing for long");
    assertEquals(1, scrape.value("roomcast_sessions_resumed_total"));
  }

  @Test
  void messagesAndTheirTimesAreCounted() {
    ChatNode node = watched(StillNodes.LIMITS);
    Client ann = Client.connect(node, "Ann");
    Client bob = Client.connect(node, "Bob");
    ann.join("general");
    bob.join("general");
    ann.say("general", "one");
    ann.say("general", "two");
    PrometheusText scrape = scrape();
    assertEquals(2, scrape.value("roomcast_messages_published_total"));
    assertEquals(4, scrape.value("roomcast_messages_delivered_total"));
    assertEquals(2, scrape.value("roomcast_publish_ack_seconds_count"));
    assertEquals(2, scrape.value("roomcast_publish_delivery_seconds_count"));
    assertEquals(2, scrape.value("roomcast_publish_delivery_seconds_bucket", "le", "5.0E-4"));
    assertEquals(2, scrape.value("roomcast_fanout_batch_messages_bucket", "le", "1.0"));
    assertTrue(scrape.value("roomcast_received_bytes_total") >= 2 * "message".length());
    assertTrue(scrape.value("roomcast_sent_bytes_total") > 0);
  }

  @Test
  void whatIsDeliveredLateShowsInItsBucket() {
    HeldWay way = new HeldWay();
    ChatNode node = nodes.start(StillNodes.LIMITS, backend -> new FarBackend(backend, way));
    ChatMetrics.of(node).bindTo(registry);
    Client ann = Client.connect(node, "Ann");
    ann.join("general");
    List<Publication> unheard = way.deaf();
    ann.say("general", "slow");
    nodes.clock.advance(Duration.ofMillis(40));
    way.hear();
    way.announce(List.copyOf(unheard));
    PrometheusText scrape = scrape();
    String bucket = "roomcast_publish_delivery_seconds_bucket";
    assertEquals(0, scrape.value(bucket, "le", "0.025"));
    assertEquals(1, scrape.value(bucket, "le", "0.05"));
    assertEquals(0.04, scrape.value("roomcast_publish_delivery_seconds_sum"), 1e-9);
  }

  @Test
  void lossesAndRepetitionsAreCounted() {
    HeldWay way = new HeldWay();
    ChatNode node =
        nodes.start(
            StillNodes.LIMITS.toBuilder().historyCount(2).build(),
            backend -> new FarBackend(backend, way));
    ChatMetrics.of(node).bindTo(registry);
    Client ann = Client.connect(node, "Ann");
    ann.join("general");
    ann.say("general", "1");
    List<Publication> unheard = way.deaf();
    for (int i = 2; i < 10; i++) {
      ann.say("general", Integer.toString(i));
    }
    way.hear();
    way.announce(unheard.subList(7, 8));
    way.announce(unheard.subList(7, 8));
    way.listener().onSkipped();
    PrometheusText scrape = scrape();
    assertEquals(1, scrape.value("roomcast_repairs_total"));
    assertEquals(1, scrape.value("roomcast_gaps_total"));
    assertTrue(scrape.value("roomcast_announcements_duplicates_total") >= 1);
    assertEquals(1, scrape.value("roomcast_announcements_skipped_total"));
  }

  @Test
  void aStoreThatRefusesShows() {
    HeldWay way = new HeldWay();
    ChatNode node = nodes.start(StillNodes.LIMITS, backend -> new FarBackend(backend, way));
    ChatMetrics.of(node).bindTo(registry);
    Client ann = Client.connect(node, "Ann");
    ann.join("general");
    nodes.clock.advanceSeconds(6);
    assertTrue(value("canary_age_seconds") < 5.1);
    way.refuse("publish", "probe", "lease");
    ann.say("general", "lost");
    nodes.clock.advanceSeconds(20);
    way.listener().onConnection(true);
    way.listener().onConnection(true);
    way.listener().onConnection(false);
    way.listener().onRoundTrip(1_500_000);
    way.listener().onBatch(7);
    way.listener().onTooFewReplicas(3);
    PrometheusText scrape = scrape();
    assertEquals(1, scrape.value("roomcast_publish_failures_total", "reason", "unavailable"));
    assertTrue(scrape.value("roomcast_canaries_late_total") > 10);
    assertTrue(scrape.value("roomcast_canary_age_seconds") > 19);
    assertTrue(scrape.value("roomcast_canary_seconds") >= 0);
    assertTrue(scrape.value("roomcast_store_failures_total") > 0);
    assertEquals(1, scrape.value("roomcast_store_connections"));
    assertEquals(2, scrape.value("roomcast_store_connects_total"));
    assertEquals(1, scrape.value("roomcast_store_disconnects_total"));
    assertEquals(1, scrape.value("roomcast_store_round_trip_seconds_bucket", "le", "0.0025"));
    assertEquals(0, scrape.value("roomcast_store_round_trip_seconds_bucket", "le", "0.001"));
    assertEquals(7, scrape.value("roomcast_store_batch_messages_sum"));
    assertEquals(3, scrape.value("roomcast_store_unreplicated_total"));
  }

  @Test
  void whoIsNotLetInIsCountedByTheReason() {
    ChatNode node =
        nodes.start(
            StillNodes.LIMITS,
            backend -> backend,
            builder ->
                builder.authenticator(
                    request -> {
                      if (request.bearerToken() == null) {
                        throw new ChatException(ErrorCode.UNAUTHORIZED, "no token");
                      }
                      throw new IllegalStateException("a fault");
                    }));
    ChatMetrics.of(node).bindTo(registry);
    refused(node, ConnectRequest.of(Map.of(), null, null, "127.0.0.1"));
    refused(node, ConnectRequest.of(Map.of(), "t", null, "127.0.0.1"));
    refused(node, ConnectRequest.of(Map.of(), null, "\u0000", "127.0.0.1"));
    PrometheusText scrape = scrape();
    String refused = "roomcast_connections_refused_total";
    assertEquals(1, scrape.value(refused, "reason", "unauthorized"));
    assertEquals(1, scrape.value(refused, "reason", "internal"));
    assertEquals(1, scrape.value(refused, "reason", "bad_request"));
    String failures = "roomcast_auth_failures_total";
    assertEquals(1, scrape.value(failures, "reason", "unauthorized"));
    assertEquals(1, scrape.value(failures, "reason", "internal"));
    assertEquals(0, scrape.value(failures, "reason", "bad_request"), "nobody was asked");
    assertEquals(2, scrape.value("roomcast_hook_seconds_count", "hook", "authenticator"));
  }

  private static void refused(ChatNode node, ConnectRequest request) {
    assertThrows(CompletionException.class, () -> node.admit(request).toCompletableFuture().join());
  }

  @Test
  void whatTheNodeProtectsItselfFromIsCounted() {
    ChatNode node =
        watched(
            Limits.DEFAULTS.toBuilder()
                .commandsPerSecond(1)
                .commandsBurst(2)
                .outboxBytes(1_024)
                .build());
    Client ann = Client.connect(node, "Ann");
    ann.join("general");
    ann.transport.stall();
    ann.send("{'type':'nonsense'}");
    for (int i = 0; i < 5; i++) {
      ann.send("{'type':'ping'}");
    }
    nodes.clock.advanceSeconds(1);
    PrometheusText scrape = scrape();
    assertTrue(scrape.value("roomcast_limit_hits_total", "limit", "commands_per_second") > 0);
    assertTrue(scrape.value("roomcast_commands_invalid_total") > 0);
    assertTrue(scrape.value("roomcast_outbox_bytes") > 0);
    assertEquals(
        scrape.value("roomcast_outbox_bytes"), scrape.value("roomcast_outbox_largest_bytes"));
    for (int i = 0; i < 30; i++) {
      ann.send("{'type':'ping'}");
    }
    assertEquals(1, value("connections_dropped_total", "reason", "too_slow"));
    assertEquals(1, value("limit_hits_total", "limit", "outbox_bytes"));
    Client bob = Client.connect(node, "Bob");
    for (int i = 0; i < 2_000; i++) {
      bob.send("{'type':'ping'}");
    }
    assertEquals(1, value("connections_dropped_total", "reason", "abuse"));
  }

  @Test
  void theBusiestRoomsGoByRankUnlessNamesAreAskedFor() {
    ChatNode node = watched(StillNodes.LIMITS);
    PrometheusMeterRegistry named = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Client ann = Client.connect(node, "Ann");
    String ugly = "ugly \"\\ }";
    for (int i = 0; i < 30; i++) {
      ann.join("room" + i);
      ann.say("room" + i, "hello");
    }
    String direct =
        "{'type':'direct','to':'"
            + Client.connect(node, "Bob").session.user().id()
            + "','text':'hi'}";
    ann.send(direct);
    ann.join(ann.last("direct").get("room").getAsString());
    ann.send(direct);
    ann.send(direct);
    for (int i = 0; i < 3; i++) {
      node.room(ugly).publish("news", Json.of("n", "1")).toCompletableFuture().join();
    }
    ann.send("{'type':'join','room':" + JsonText.quote(ugly) + "}");
    for (int i = 0; i < 5; i++) {
      node.room(ugly).publish("news", Json.of("n", "1")).toCompletableFuture().join();
    }
    nodes.clock.advanceSeconds(10);
    PrometheusText scrape = scrape();
    String busiest = "roomcast_busiest_room_messages";
    assertEquals(5, scrape.value(busiest, "rank", "1"));
    assertEquals(2, scrape.value(busiest, "rank", "2"));
    assertEquals(1, scrape.value(busiest, "rank", "20"));
    assertEquals(20, scrape.samples().stream().filter(s -> s.name().equals(busiest)).count());
    nodes.clock.advanceSeconds(10);
    assertTrue(scrape().names().stream().noneMatch(busiest::equals), "nothing was said since");

    ChatMetrics.of(node).roomNames(true).bindTo(named);
    ann.send(direct);
    node.room(ugly).publish("news", Json.of("n", "1")).toCompletableFuture().join();
    node.room(ugly).publish("news", Json.of("n", "1")).toCompletableFuture().join();
    nodes.clock.advanceSeconds(10);
    PrometheusText withNames = new PrometheusText(named.scrape());
    assertEquals(2, withNames.value(busiest, "room", ugly));
    assertEquals(1, withNames.value(busiest, "room", "dm:*"));
  }

  @Test
  void noLabelHasValuesThatAClientCanMakeUp() {
    ChatNode node = watched(StillNodes.LIMITS);
    scrape();
    int before = scrape().samples().size();
    Set<String> labels = new TreeSet<>();
    for (int i = 0; i < 50; i++) {
      Client client = Client.connect(node, "User" + i);
      client.join("room" + i);
      client.say("room" + i, "text" + i);
      client.send("{'type':'nonsense" + i + "'}");
      client.session.closed(3000 + i);
    }
    nodes.clock.advanceSeconds(10);
    PrometheusText after = scrape();
    assertTrue(after.samples().size() <= before + BusyRooms.SHOWN, "series: " + before);
    for (PrometheusText.Sample sample : after.samples()) {
      labels.addAll(sample.labels().keySet());
      assertTrue(
          sample.labels().values().stream()
              .noneMatch(value -> value.matches("(?i).*(user|room|text|nonsense)\\d+.*")),
          sample::toString);
    }
    assertEquals(Set.of("code", "hook", "limit", "le", "rank", "reason"), labels);
  }
}
