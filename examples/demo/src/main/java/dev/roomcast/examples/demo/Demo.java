package dev.roomcast.examples.demo;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.redis.RedisBackend;
import dev.roomcast.redis.RedisOptions;
import dev.roomcast.tyrus.ChatServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The runnable chat: a page in the browser, one process in memory or several that share Redis.
 *
 * <p>Exit codes: 0 after a drained end, 1 when it cannot start, 2 for bad options. Confined to the
 * main thread.
 */
@Command(
    name = "roomcast-demo",
    mixinStandardHelpOptions = true,
    description = "A realtime chat in the browser.")
public final class Demo implements Callable<Integer> {

  private static final int MAX_WORKERS = 256;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "address to bind, ${DEFAULT-VALUE}")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "port, 0 for a free one, ${DEFAULT-VALUE}")
  private int port = 5_000;

  @Option(
      names = "--allow-origin",
      paramLabel = "ORIGIN",
      description = "one more origin whose pages may connect")
  private List<String> origins = new ArrayList<>();

  @Option(
      names = "--redis",
      paramLabel = "URL",
      description = "share state through this Redis, redis://host:port; REDIS_URL does the same")
  private @Nullable String redis;

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      description = "env:service[:tenant], the beginning of all keys in Redis, ${DEFAULT-VALUE}")
  private String namespace = "dev:roomcast";

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "so many processes on the port; they bring a Redis if there is no --redis")
  private int workers = 1;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "where the Redis that the workers bring keeps its data, ${DEFAULT-VALUE}")
  private Path data = Path.of(System.getProperty("user.home"), ".roomcast", "redis");

  @Option(names = "--worker", hidden = true, description = "this is one of the workers")
  private boolean worker;

  private final PrintStream out;

  Demo(PrintStream out) {
    this.out = out;
  }

  /** Runs the demo until it is told to end. */
  public static void main(String[] args) {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    System.exit(run(System.out, System.err, args));
  }

  /** Runs the demo and returns the exit code. */
  static int run(PrintStream out, PrintStream err, String... args) {
    CommandLine line = new CommandLine(new Demo(out));
    line.setParameterExceptionHandler(
        (problem, arguments) -> {
          err.println("roomcast: " + problem.getMessage() + " (--help tells the options)");
          return 2;
        });
    line.setExecutionExceptionHandler(
        (problem, command, parsed) -> {
          err.println("roomcast: " + problem.getMessage());
          return 1;
        });
    return line.execute(args);
  }

  @Override
  public Integer call() throws Exception {
    if (port < 0 || port > 65_535) {
      throw bad("--port: 0 to 65535 expected, got " + port);
    }
    if (workers < 1 || workers > MAX_WORKERS) {
      throw bad("--workers: 1 to " + MAX_WORKERS + " expected, got " + workers);
    }
    String url = redis == null ? System.getenv("REDIS_URL") : redis;
    RedisOptions options = options(url == null || url.isEmpty() ? null : url);
    if (workers == 1) {
      return serve(options);
    }
    if (options != null && url != null) {
      return supervise(url, options.toString(), () -> {});
    }
    try (LocalRedis local = LocalRedis.start(data)) {
      out.println("roomcast: Redis of its own, its data is kept in " + local.folder());
      return supervise(local.url(), local.toString(), local::close);
    }
  }

  /** Reads what has to do with Redis, also when there is none, so that mistakes show at once. */
  private @Nullable RedisOptions options(@Nullable String url) {
    RedisOptions options;
    try {
      options = RedisOptions.of(url == null ? "redis://127.0.0.1" : url);
    } catch (IllegalArgumentException e) {
      throw bad((redis == null ? "REDIS_URL: " : "--redis: ") + e.getMessage());
    }
    try {
      options = options.namespace(namespace);
    } catch (IllegalArgumentException e) {
      throw bad("--namespace: " + e.getMessage());
    }
    return url == null ? null : options;
  }

  private CommandLine.ParameterException bad(String problem) {
    return new CommandLine.ParameterException(new CommandLine(this), problem);
  }

  /** This process is a node. */
  private int serve(@Nullable RedisOptions options) throws Exception {
    try (Backend backend = options == null ? Backend.inMemory() : RedisBackend.connect(options);
        ChatNode chat = ChatNode.builder(backend).start();
        ChatServer server = listen(chat)) {
      Thread ending = new Thread(() -> end(chat, server), "roomcast-end");
      Runtime.getRuntime().addShutdownHook(ending);
      if (worker) {
        endWithParent();
      }
      String where = options == null ? "in memory" : options.toString();
      out.println("roomcast listening on " + server.url() + " (1 process, " + where + ")");
      out.flush();
      server.awaitShutdown();
    }
    return 0;
  }

  private static void end(ChatNode chat, ChatServer server) {
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
    List<String> options = new ArrayList<>(List.of("--worker", "--namespace", namespace));
    for (String origin : origins) {
      options.add("--allow-origin=" + origin);
    }
    try (Workers all = Workers.start(workers, host, port, options, url)) {
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    all.end();
                    lastly.run();
                    Runtime.getRuntime().halt(all.failed() ? 1 : 0);
                  },
                  "roomcast-end"));
      all.awaitListening();
      out.println(
          "roomcast listening on " + all.urls() + " (" + workers + " workers, " + shownUrl + ")");
      out.flush();
      return all.awaitEnd();
    }
  }

  private ChatServer listen(ChatNode chat) throws IOException {
    ChatServer.Builder server =
        ChatServer.builder(chat)
            .host(host)
            .port(port)
            .reusePort(worker && Workers.sharesPort())
            .files(Demo::file);
    origins.forEach(server::allowOrigin);
    try {
      return server.start();
    } catch (BindException e) {
      throw new IOException(
          "cannot listen on " + host + ":" + port + " (" + e.getMessage() + "); try --port 0", e);
    }
  }

  static byte @Nullable [] file(String path) throws IOException {
    try (InputStream in = Demo.class.getResourceAsStream("/web" + path)) {
      return in == null ? null : in.readAllBytes();
    }
  }
}
