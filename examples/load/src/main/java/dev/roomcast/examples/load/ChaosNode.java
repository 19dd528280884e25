package dev.roomcast.examples.load;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ConnectRequest;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.Limits;
import dev.roomcast.chat.User;
import dev.roomcast.redis.RedisBackend;
import dev.roomcast.redis.RedisOptions;
import dev.roomcast.tyrus.ChatServer;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * A node as a process of its own, for the chaos: times are short, history is long, and clients are
 * who they say. It ends with the process that started it. Confined to the main thread.
 */
final class ChaosNode {

  private static final int OUTBOX_BYTES = 256 << 10;

  private ChaosNode() {}

  /** Arguments: port, lease in ms, time to resume in ms. Redis is in {@code REDIS_URL}. */
  public static void main(String[] args) throws Exception {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    RedisOptions redis = RedisOptions.of(System.getenv("REDIS_URL")).namespace(Cluster.NAMESPACE);
    Limits limits =
        Limits.DEFAULTS.toBuilder()
            .nodeLease(Duration.ofMillis(Long.parseLong(args[1])))
            .resumeTtl(Duration.ofMillis(Long.parseLong(args[2])))
            .drain(Duration.ofSeconds(6))
            .handshakesPerSecondPerAddress(0) // all clients come from one
            .connectionsPerAddress(0)
            .pendingHandshakes(0)
            .historyCount(1_000_000)
            .outboxBytes(OUTBOX_BYTES)
            .writeTimeout(Duration.ofSeconds(5))
            .build();
    Backend backend = RedisBackend.connect(redis);
    ChatNode chat = ChatNode.builder(backend).limits(limits).authenticator(ChaosNode::user).start();
    ChatServer server = ChatServer.builder(chat).port(Integer.parseInt(args[0])).start();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  chat.close();
                  server.close();
                  Runtime.getRuntime().halt(0);
                }));
    System.out.println("listening on " + server.url());
    System.out.flush();
    endWithParent();
  }

  private static User user(ConnectRequest request) {
    String name = request.parameter("name");
    if (name == null) {
      throw new ChatException(ErrorCode.UNAUTHORIZED, "name: expected in the query");
    }
    return new User(name, name);
  }

  /** The parent holds the other end of our input: when it is gone, so are we. */
  private static void endWithParent() throws IOException {
    while (System.in.read() >= 0) {
      // Nothing is ever said.
    }
    Runtime.getRuntime().halt(1);
  }
}
