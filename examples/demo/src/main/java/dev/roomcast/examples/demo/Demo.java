package dev.roomcast.examples.demo;

import dev.roomcast.chat.Authenticator;
import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Limits;
import dev.roomcast.redis.RedisBackend;
import dev.roomcast.redis.RedisOptions;
import dev.roomcast.tyrus.ApiKeys;
import dev.roomcast.tyrus.ChatServer;
import dev.roomcast.tyrus.TlsFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;

/**
 * The runnable chat: a page in the browser, one process in memory or several that share Redis.
 *
 * <p>Exit codes: 0 after a drained end, 1 when it cannot start, 2 for bad options. Confined to the
 * main thread.
 */
public final class Demo {

  private static final Logger log = LoggerFactory.getLogger(Demo.class);
  private static final int MAX_WORKERS = 256;
  private static final String HOST = "[A-Za-z0-9_.-]+|\\[[0-9a-fA-F:.]+]";
  private static final String NETWORK = "[0-9a-fA-F:.]+(/[0-9]{1,3})?";
  private static final long READY_SECONDS = 5;

  /** A worker that is not ready after a minute is given up, see {@link Roll}. */
  private static final Duration MOST_REHEARSAL = Duration.ofSeconds(30);

  private static final long LOOK_MS = 20;
  private static final String ORIGIN = "https?://[^/?#@\\s]+";

  private final PrintStream out;
  private final Settings settings;
  private final boolean worker;
  private final String host;
  private final int port;
  private final int workers;
  private final List<String> origins;
  private final List<String> hosts;
  private final List<String> proxies;
  private final @Nullable TlsFiles tls;
  private final boolean compression;
  private final Duration rehearse;
  private final Limits limits;
  private final @Nullable Authenticator authenticator;
  private final @Nullable ApiKeys apiKeys;
  private final String metrics;
  private final Path data;
  private final @Nullable RedisOptions redis;

  /** Reads every setting, also what is not needed, so that mistakes show at once. */
  private Demo(PrintStream out, Settings settings, boolean worker) {
    this.out = out;
    this.settings = settings;
    this.worker = worker;
    host = settings.text(Setting.HOST);
    try {
      InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw settings.bad(Setting.HOST, "an address of this machine", host);
    }
    port = settings.number(Setting.PORT, 0, 65_535);
    workers = settings.number(Setting.WORKERS, 1, MAX_WORKERS);
    origins = settings.list(Setting.ALLOW_ORIGIN);
    for (String origin : origins) {
      if (!origin.matches(ORIGIN)) {
        throw settings.bad(Setting.ALLOW_ORIGIN, "an origin as in https://shop.example", origin);
      }
    }
    hosts = settings.list(Setting.ALLOW_HOST);
    for (String name : hosts) {
      if (!name.matches(HOST)) {
        throw settings.bad(Setting.ALLOW_HOST, "a name as in chat.shop.example", name);
      }
    }
    proxies = settings.list(Setting.TRUSTED_PROXY);
    for (String proxy : proxies) {
      if (!proxy.matches(NETWORK)) {
        throw settings.bad(Setting.TRUSTED_PROXY, "a network as in 10.0.0.0/8", proxy);
      }
    }
    tls = tls(settings);
    compression = settings.word(Setting.COMPRESSION, "on", "off").equals("on");
    rehearse = settings.duration(Setting.REHEARSE, MOST_REHEARSAL);
    limits = settings.limits();
    authenticator = Access.authenticator(settings);
    apiKeys = Access.apiKeys(settings);
    metrics = metrics(settings, host);
    data = settings.path(Setting.DATA);
    redis = redis(settings);
  }

  private static @Nullable TlsFiles tls(Settings settings) {
    String certificates = settings.optional(Setting.TLS_CERT);
    String key = settings.optional(Setting.TLS_KEY);
    if (certificates == null && key == null) {
      return null;
    } else if (certificates == null || key == null) {
      Setting given = certificates == null ? Setting.TLS_KEY : Setting.TLS_CERT;
      throw settings.bad(given, "--tls-cert and --tls-key go together");
    }
    Path certificateFile = settings.path(Setting.TLS_CERT);
    Path keyFile = settings.path(Setting.TLS_KEY);
    try {
      return TlsFiles.read(certificateFile, keyFile);
    } catch (IOException e) {
      Setting bad = Files.isReadable(certificateFile) ? Setting.TLS_KEY : Setting.TLS_CERT;
      throw settings.bad(bad, "a file that can be read", settings.text(bad));
    } catch (IllegalArgumentException e) {
      String problem = String.valueOf(e.getMessage());
      Setting bad = problem.startsWith(keyFile + ":") ? Setting.TLS_KEY : Setting.TLS_CERT;
      throw settings.bad(bad, problem);
    }
  }

  private static String metrics(Settings settings, String host) {
    if (settings.optional(Setting.METRICS) != null) {
      return settings.word(Setting.METRICS, "off", "on", "rooms");
    }
    return isLoopback(host) ? "on" : "off";
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static @Nullable RedisOptions redis(Settings settings) {
    String url = settings.optional(Setting.REDIS);
    RedisOptions options;
    try {
      options = RedisOptions.of(url == null ? "redis://127.0.0.1" : url);
      if (options.application().isEmpty()) {
        options = options.application("roomcast-demo");
      }
    } catch (IllegalArgumentException e) {
      throw settings.bad(Setting.REDIS, String.valueOf(e.getMessage()));
    }
    try {
      options = options.namespace(settings.text(Setting.NAMESPACE));
    } catch (IllegalArgumentException e) {
      throw settings.bad(Setting.NAMESPACE, String.valueOf(e.getMessage()));
    }
    return url == null ? null : options;
  }

  /** Runs the demo until it is told to end. */
  public static void main(String[] args) {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    IdleMemory.size();
    System.exit(run(System.out, System.err, System.getenv(), args));
  }

  /** Runs the demo and returns the exit code. */
  static int run(
      PrintStream out, PrintStream err, Map<String, String> environment, String... args) {
    Consumer<String> problems = text -> err.println("roomcast: " + text);
    try {
      CommandLineReader.Line line = CommandLineReader.read(out, args);
      if (line == null) {
        return 0;
      }
      Settings settings = Settings.read(line.values(), environment);
      if (settings.word(Setting.LOG, "text", "json").equals("json")) {
        Logging.json();
        problems = log::error;
      }
      return new Demo(out, settings, line.worker()).run();
    } catch (BadSettingException | CommandLine.ParameterException e) {
      String text = String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}+", " ");
      problems.accept(text + " (--help tells the options)");
      return 2;
    } catch (IOException | RuntimeException e) {
      problems.accept(String.valueOf(e.getMessage()));
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private int run() throws IOException, InterruptedException {
    if (!worker && authenticator == null && !isLoopback(host)) {
      log.warn(
          "{} can be reached from other machines, and everybody may connect under any name; "
              + "give --jwt-secret-file or --jwks if that is not meant",
          host);
    }
    if (worker || workers == 1) {
      return serve();
    }
    if (redis != null) {
      return supervise(settings.text(Setting.REDIS), redis.toString(), () -> {});
    }
    try (LocalRedis local = LocalRedis.start(data)) {
      log.info("Redis of our own at {}, its data is kept in {}", local, local.folder());
      return supervise(local.url(), local.toString(), local::close);
    }
  }

  /** This process is a node. */
  private int serve() throws IOException, InterruptedException {
    try (Backend backend = redis == null ? Backend.inMemory() : RedisBackend.connect(redis);
        ChatNode chat = node(backend);
        Figures figures =
            metrics.equals("off") ? null : new Figures(chat, metrics.equals("rooms"));
        ChatServer server = listen(chat, figures)) {
      Thread ending = new Thread(() -> end(chat, server), "roomcast-end");
      Runtime.getRuntime().addShutdownHook(ending);
      Signals.handle(worker, () -> {}, worker ? () -> {} : null);
      if (worker) {
        endWithParent();
      }
      String where = redis == null ? "in memory" : redis.toString();
      out.println("roomcast listening on " + server.url() + " (1 process, " + where + ")");
      out.flush();
      if (worker) {
        awaitReady(chat, Long.MAX_VALUE);
        out.println(WorkerProcess.READY);
        out.flush();
      }
      server.awaitShutdown();
    }
    return 0;
  }

  private ChatNode node(Backend backend) throws InterruptedException {
    ChatNode.Builder node =
        ChatNode.builder(backend).limits(limits).authorizer(Access.authorizer(settings));
    ChatNode chat = (authenticator == null ? node : node.authenticator(authenticator)).start();
    if (worker) {
      // The system gives it connections as soon as it listens, and others could have had them.
      awaitReady(chat, READY_SECONDS);
    }
    DefaultRooms.create(chat);
    return chat;
  }

  private static void awaitReady(ChatNode chat, long atMostSeconds) throws InterruptedException {
    long began = System.nanoTime();
    while (!chat.ready()
        && TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began) < atMostSeconds) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
  }

  private void end(ChatNode chat, ChatServer server) {
    if (worker && Workers.sharesPort()) {
      server.stopListening();
    }
    chat.close();
    server.close();
    // A JVM that was sent SIGTERM exits with 143 whatever its hooks did; drained is success.
    Runtime.getRuntime().halt(0);
  }

  /** The parent holds the other end of our input: when it is gone, so are we. */
  private static void endWithParent() {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // Nothing is ever said.
                }
              } catch (IOException e) {
                // As good as the end.
              }
              System.exit(0);
            },
            "roomcast-parent");
    watch.setDaemon(true);
    watch.start();
  }

  /** This process only looks after the nodes. */
  private int supervise(String url, String shownUrl, Runnable lastly)
      throws IOException, InterruptedException {
    Map<String, String> variables = settings.toVariables();
    variables.put(Settings.variable(Setting.REDIS.key()), url);
    try (Workers all = Workers.start(workers, host, port, variables, limits.drain())) {
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    all.end();
                    lastly.run();
                    Runtime.getRuntime().halt(all.failed() ? 1 : 0);
                  },
                  "roomcast-end"));
      Signals.handle(
          false,
          () -> {
            all.kill();
            // What else is there is a Redis of our own, which writes what it has and ends.
            ProcessHandle.current().children().forEach(ProcessHandle::destroy);
          },
          new Roll(all)::start);
      all.awaitListening();
      out.println(
          "roomcast listening on " + all.urls() + " (" + workers + " workers, " + shownUrl + ")");
      out.flush();
      return all.awaitEnd();
    }
  }

  private ChatServer listen(ChatNode chat, @Nullable Figures figures) throws IOException {
    ChatServer.Builder server =
        ChatServer.builder(chat)
            .host(host)
            .port(port)
            .compression(compression)
            .rehearse(rehearse)
            .reusePort(worker && Workers.sharesPort())
            .files(Demo::file);
    if (tls != null) {
      server.tls(tls);
    }
    origins.forEach(server::allowOrigin);
    hosts.forEach(server::allowHost);
    try {
      server.trustedProxies(proxies);
    } catch (IllegalArgumentException e) {
      throw settings.bad(Setting.TRUSTED_PROXY, String.valueOf(e.getMessage()));
    }
    if (figures != null) {
      server.metrics(figures::scrape);
    }
    if (apiKeys != null) {
      server.apiKeys(apiKeys);
    }
    try {
      return server.start();
    } catch (BindException e) {
      throw new IOException(
          "cannot listen on " + host + ":" + port + " (" + e.getMessage() + "); try --port 0", e);
    }
  }

  static byte @Nullable [] file(String path) throws IOException {
    if (path.lastIndexOf('.') < path.lastIndexOf('/')) {
      return null; // a folder, which a class path may have as a file with its list
    }
    try (InputStream in = Demo.class.getResourceAsStream("/web" + path)) {
      return in == null ? null : in.readAllBytes();
    }
  }
}
