package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ChatStats;
import dev.roomcast.chat.Limits;
import java.lang.management.ManagementFactory;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.slf4j.LoggerFactory;

/** What a rehearsal does, and that nothing of it is left. */
class RehearsalTest {

  private static final int CLIENTS = 60;
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Limits limits =
      Limits.DEFAULTS.toBuilder().drain(Duration.ofMillis(500)).connectionsPerAddress(20).build();
  private final Rehearsal rehearsal =
      new Rehearsal(LONG, CLIENTS, Rehearsal.of(LONG, limits).limits());
  private final Events events = new Events();
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final Logger quiet = (Logger) LoggerFactory.getLogger("roomcast.quiet");
  private final Logger ours = (Logger) LoggerFactory.getLogger("dev.roomcast");
  private final Logger clients = (Logger) LoggerFactory.getLogger("roomcast.client");
  private final Map<Logger, @Nullable Level> before =
      new HashMap<>(); // null levels are inherited ones

  private final Set<Thread> threads = Thread.getAllStackTraces().keySet();

  private static final class Events extends AppenderBase<ILoggingEvent> {
    final List<ILoggingEvent> all = new CopyOnWriteArrayList<>();
    private volatile Executable atRehearsed = () -> {};

    @Override
    protected void append(ILoggingEvent event) {
      all.add(event);
      if (event.getMessage().startsWith("rehearsed with")) {
        assertDoesNotThrow(atRehearsed);
      }
    }

    List<String> of(Level level, String logger) {
      return all.stream()
          .filter(event -> event.getLevel() == level && event.getLoggerName().startsWith(logger))
          .map(ILoggingEvent::getFormattedMessage)
          .toList();
    }
  }

  @BeforeEach
  void listen() {
    events.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
    events.start();
    root.addAppender(events);
    for (Logger logger : List.of(quiet, ours, clients)) {
      before.put(logger, logger.getLevel());
      logger.setLevel(Level.INFO);
    }
  }

  @AfterEach
  void restore() {
    awaitThreads(threads); // whatever a test did, and also so that the next one hears its own only
    root.detachAppender(events);
    events.stop();
    before.forEach(Logger::setLevel);
  }

  @Test
  void theRealNodeHasNoPartInItAndTheLogHasOneLine() throws Exception {
    try (Backend backend = Backend.inMemory();
        ChatNode chat = ChatNode.builder(backend).limits(limits).start()) {
      Awaitility.await().until(chat::ready);
      events.all.clear();
      try (ChatServer server = ChatServer.builder(chat).port(0).rehearsal(rehearsal).start()) {
        List<String> told = events.of(Level.INFO, "dev.roomcast.tyrus");
        assertEquals(1, told.size(), told::toString);
        assertTrue(told.get(0).startsWith("rehearsed with 60 clients in "), told::toString);
        assertEquals(List.of(), events.of(Level.INFO, "roomcast."));
        assertEquals(List.of(), events.of(Level.INFO, "dev.roomcast.chat"));
        assertEquals(List.of(), events.of(Level.WARN, ""));
        assertEquals(List.of(), events.of(Level.ERROR, ""));
        ChatStats stats = chat.stats();
        assertEquals(0, stats.published());
        assertEquals(0, stats.delivered());
        assertEquals(0, stats.invalidCommands());
        assertTrue(stats.limitHits().values().stream().allMatch(hits -> hits == 0));
        try (RawClient real = new RawClient(server.url(), "/chat?name=Ann")) {
          assertEquals(101, real.status);
        }
      }
    }
  }

  @Test
  void anAddressThatIsTakenIsToldBeforeTheRehearsal() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Backend backend = Backend.inMemory();
        ChatNode chat = ChatNode.builder(backend).limits(limits).start()) {
      ChatServer.Builder server =
          ChatServer.builder(chat).port(other.getLocalPort()).rehearsal(rehearsal);
      assertThrows(BindException.class, server::start);
      assertEquals(List.of(), events.of(Level.INFO, "dev.roomcast.tyrus"));
    }
  }

  @Test
  void itsClientsConnectJoinAndLeaveAsInLife() {
    quiet.setLevel(Level.TRACE);
    rehearsal.hold();
    List<ILoggingEvent> told =
        events.all.stream()
            .filter(event -> event.getLoggerName().equals("roomcast.quiet"))
            .toList();
    assertTrue(told.stream().allMatch(event -> event.getLevel() == Level.TRACE));
    assertEquals(CLIENTS, told.stream().filter(RehearsalTest::connected).count());
    assertEquals(
        CLIENTS / 2, told.stream().filter(event -> has(event, "code", "1000")).count(), "goodbyes");
  }

  private static boolean connected(ILoggingEvent event) {
    return event.getMessage().equals("connected");
  }

  private static boolean has(ILoggingEvent event, String key, String value) {
    return event.getKeyValuePairs().stream()
        .anyMatch(pair -> pair.key.equals(key) && String.valueOf(pair.value).equals(value));
  }

  @Test
  void nothingOfItStaysBehind() throws Exception {
    rehearsal.hold(); // what it loads for the first time stays loaded
    Set<Thread> known = Thread.getAllStackTraces().keySet();
    long files = files();
    long nodes = ConnectionMemoryTest.instances("dev.roomcast.chat.ChatNode");
    rehearsal.hold();
    awaitThreads(known);
    Awaitility.await().until(() -> files() <= files);
    Awaitility.await()
        .until(() -> ConnectionMemoryTest.instances("dev.roomcast.chat.ChatNode") <= nodes);
    assertEquals(0, ConnectionMemoryTest.instances("dev.roomcast.tyrus.RehearsalClients$Client"));
  }

  /** Waits until there is no thread of a node or a server beside these. */
  private static void awaitThreads(Set<Thread> known) {
    Awaitility.await()
        .untilAsserted(
            () ->
                assertEquals(
                    Set.of(),
                    Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> !known.contains(thread))
                        .map(Thread::getName)
                        .filter(name -> name.matches("(?i).*(roomcast|grizzly).*"))
                        .collect(Collectors.toSet())));
  }

  /** Open files and sockets of this process. */
  private static long files() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getOpenFileDescriptorCount()
        : 0;
  }

  @Test
  void itIsOverWhenItsTimeIsEvenWhenFewCame() {
    Rehearsal endless = new Rehearsal(Duration.ofMillis(1), Integer.MAX_VALUE, limits);
    assertTimeoutPreemptively(LONG, endless::hold);
    List<String> told = events.of(Level.INFO, "dev.roomcast.tyrus");
    assertEquals(1, told.size(), told::toString);
    assertTrue(told.get(0).startsWith("rehearsed with "), told::toString);
  }

  @Test
  void aRehearsalThatFailsIsToldAndTheServerStarts() throws Exception {
    Limits none = limits.toBuilder().connections(1).build();
    try (Backend backend = Backend.inMemory();
        ChatNode chat = ChatNode.builder(backend).limits(limits).start();
        ChatServer server =
            ChatServer.builder(chat)
                .port(0)
                .rehearsal(new Rehearsal(LONG, CLIENTS, none))
                .start()) {
      List<String> told = events.of(Level.WARN, "dev.roomcast.tyrus");
      assertEquals(1, told.size(), told::toString);
      assertTrue(told.get(0).endsWith("a client was refused: HTTP/1.1 503"), told::toString);
      try (RawClient real = new RawClient(server.url(), "/chat?name=Ann")) {
        assertEquals(101, real.status);
      }
    }
  }

  @Test
  void itIsHeldBeforeTheServerListens() throws Exception {
    InetAddress here = InetAddress.getLoopbackAddress();
    try (SocketChannel reserved = SocketChannel.open();
        ServerSocket other = new ServerSocket();
        Backend backend = Backend.inMemory();
        ChatNode chat = ChatNode.builder(backend).limits(limits).start()) {
      reserved.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      reserved.bind(new InetSocketAddress(here, 0));
      InetSocketAddress address = (InetSocketAddress) reserved.getLocalAddress();
      other.setReuseAddress(true);
      events.atRehearsed = () -> other.bind(address);
      ChatServer.Builder server =
          ChatServer.builder(chat).port(address.getPort()).rehearsal(rehearsal);
      assertThrows(BindException.class, server::start);
      assertTrue(other.isBound());
    }
  }

  @Test
  void nobodyRehearsesUnasked() throws Exception {
    try (Backend backend = Backend.inMemory();
        ChatNode chat = ChatNode.builder(backend).limits(limits).start()) {
      ChatServer.Builder builder = ChatServer.builder(chat).port(0);
      assertThrows(IllegalArgumentException.class, () -> builder.rehearse(Duration.ofMillis(-1)));
      try (ChatServer one = builder.start();
          ChatServer two = builder.rehearse(LONG).rehearse(Duration.ZERO).start()) {
        assertTrue(one.port() != two.port());
        assertEquals(List.of(), events.of(Level.INFO, "dev.roomcast.tyrus"));
      }
    }
  }
}
