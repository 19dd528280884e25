package dev.roomcast.examples.demo;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.tyrus.ChatServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The runnable chat: one process, in memory, a page in the browser.
 *
 * <p>Exit codes: 0 after a drained end, 1 when it cannot start, 2 for bad options. Confined to the
 * main thread.
 */
@Command(
    name = "roomcast-demo",
    mixinStandardHelpOptions = true,
    description = "A realtime chat in the browser.")
public final class Demo implements Callable<Integer> {

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
      throw new CommandLine.ParameterException(
          new CommandLine(this), "--port: 0 to 65535 expected, got " + port);
    }
    try (Backend backend = Backend.inMemory();
        ChatNode chat = ChatNode.builder(backend).start();
        ChatServer server = listen(chat)) {
      Thread ending = new Thread(() -> end(chat, server), "roomcast-end");
      Runtime.getRuntime().addShutdownHook(ending);
      out.println("roomcast listening on " + server.url() + " (1 process, in memory)");
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

  private ChatServer listen(ChatNode chat) throws IOException {
    ChatServer.Builder server = ChatServer.builder(chat).host(host).port(port).files(Demo::file);
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
