package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatNode;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.HttpServerFilter;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.nio.ChannelConfigurator;
import org.glassfish.grizzly.nio.NIOTransport;
import org.glassfish.grizzly.nio.transport.TCPNIOTransport;
import org.glassfish.tyrus.core.TyrusWebSocketEngine;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.WebSocketEngine;
import org.jspecify.annotations.Nullable;

/**
 * The embedded server: WebSocket at {@code /chat} and {@code /chat/{room}}, the HTTP API, health
 * and static files, on one port.
 *
 * <pre>{@code
 * ChatServer server = ChatServer.builder(chat).host("127.0.0.1").port(5000).start();
 * }</pre>
 *
 * <p>Closing it cuts connections; close the {@link ChatNode} first, which sends clients away.
 * Thread-safe.
 */
public final class ChatServer implements AutoCloseable {

  private static final int BACKLOG = 4_096;

  private final Container container;
  private final HttpServer http;
  private final NetworkListener listener;
  private final String host;
  private final CountDownLatch closed = new CountDownLatch(1);

  private ChatServer(Builder builder) throws IOException {
    host = builder.host;
    container = new Container(builder.chat.limits().frameBytes());
    http = new HttpServer();
    listener = new NetworkListener("roomcast", builder.host, builder.port);
    http.addListener(listener);
    HttpRequests requests = new HttpRequests(builder.allowedOrigins);
    Handshakes handshakes = new Handshakes();
    configure(listener.getTransport(), builder.reusePort);
    listener.getKeepAlive().setIdleTimeoutInSeconds(60);
    listener.registerAddOn(
        (network, chain) -> {
          int http = chain.indexOfType(org.glassfish.grizzly.http.HttpServerFilter.class);
          int api = chain.indexOfType(HttpServerFilter.class);
          chain.set(http, new StrangersHttp(chain.get(http)));
          chain.set(api, new StrangersHttp(chain.get(api)));
          chain.add(
              api,
              new UpgradeFilter(
                  container.engine,
                  new Gate(builder.chat, requests),
                  handshakes,
                  builder.chat.limits().frameBytes()));
        });
    http.getServerConfiguration()
        .addHttpHandler(
            new HttpApi(
                new HttpReads(builder.chat, requests),
                new HttpWrites(builder.chat, builder.apiKeys),
                builder.metrics == null ? null : new HttpMetrics(builder.metrics),
                new HttpFiles(builder.files)),
            "/");
    http.getServerConfiguration().setHttpServerName("roomcast");
    try {
      for (String path : List.of("/chat", "/chat/{room}")) {
        container.register(new EndpointFactory(builder.chat, handshakes).config(path));
      }
      container.start("/", builder.port);
    } catch (DeploymentException e) {
      throw new IllegalStateException("the endpoint cannot be deployed", e);
    }
    http.start();
  }

  private static void configure(TCPNIOTransport transport, boolean reusePort) {
    transport.setServerConnectionBackLog(BACKLOG);
    transport.setTcpNoDelay(true);
    if (reusePort) {
      ChannelConfigurator usual = transport.getChannelConfigurator();
      transport.setChannelConfigurator(
          new ChannelConfigurator() {
            @Override
            public void preConfigure(NIOTransport of, SelectableChannel channel)
                throws IOException {
              usual.preConfigure(of, channel);
              if (channel instanceof ServerSocketChannel server) {
                server.setOption(StandardSocketOptions.SO_REUSEPORT, true);
              }
            }

            @Override
            public void postConfigure(NIOTransport of, SelectableChannel channel)
                throws IOException {
              usual.postConfigure(of, channel);
            }
          });
    }
  }

  /** Returns a builder for a server of this node. */
  public static Builder builder(ChatNode chat) {
    return new Builder(chat);
  }

  /** The port it listens on; the chosen one when port 0 was asked for. */
  public int port() {
    return listener.getPort();
  }

  /** Where it listens, for example {@code http://127.0.0.1:5000}. */
  public String url() {
    return "http://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port();
  }

  /** Blocks until the server is closed. */
  public void awaitShutdown() throws InterruptedException {
    closed.await();
  }

  /** Stops listening and cuts the connections that are left. Idempotent. */
  @Override
  public void close() {
    if (closed.getCount() > 0) {
      http.shutdown(1, TimeUnit.SECONDS);
      container.stop();
      closed.countDown();
    }
  }

  /** Makes an endpoint per connection. Immutable. */
  private static final class EndpointFactory extends Negotiation {
    private final ChatNode chat;
    private final Handshakes handshakes;

    EndpointFactory(ChatNode chat, Handshakes handshakes) {
      this.chat = chat;
      this.handshakes = handshakes;
    }

    @Override
    ChatEndpoint endpoint() {
      return new ChatEndpoint(
          chat.limits().frameBytes(),
          session -> {
            Handshakes.Admitted admitted = handshakes.current();
            return chat.connect(
                admitted.admission(), new SocketTransport(session, admitted.socket()));
          });
    }
  }

  /** Tyrus without a network of its own. */
  private static final class Container extends TyrusServerContainer {
    private final TyrusWebSocketEngine engine;

    Container(int frameBytes) {
      super((Set<Class<?>>) null);
      // A whole frame has to fit, and the beginning of the next one.
      engine =
          TyrusWebSocketEngine.builder(this).incomingBufferSize(frameBytes * 2 + 4_096).build();
      setDefaultMaxTextMessageBufferSize(frameBytes);
      setDefaultMaxSessionIdleTimeout(-1);
    }

    @Override
    public void register(Class<?> endpoint) throws DeploymentException {
      engine.register(endpoint, "/");
    }

    @Override
    public void register(ServerEndpointConfig config) throws DeploymentException {
      engine.register(config, "/");
    }

    @Override
    public WebSocketEngine getWebSocketEngine() {
      return engine;
    }
  }

  /** Collects what a server needs. Confined to one thread. */
  public static final class Builder {
    private final ChatNode chat;
    private final Set<String> allowedOrigins = new HashSet<>();
    private String host = "127.0.0.1";
    private int port = 5_000;
    private boolean reusePort;
    private @Nullable ApiKeys apiKeys;
    private @Nullable Supplier<String> metrics;
    private StaticFiles files = path -> null;

    private Builder(ChatNode chat) {
      this.chat = Objects.requireNonNull(chat, "chat");
    }

    /** Sets the address to bind, default 127.0.0.1; {@code 0.0.0.0} for all. */
    public Builder host(String value) {
      host = Objects.requireNonNull(value, "host");
      return this;
    }

    /**
     * Sets the port, default 5000; 0 for a free one.
     *
     * @throws IllegalArgumentException when it is not 0 to 65,535
     */
    public Builder port(int value) {
      if (value < 0 || value > 65_535) {
        throw new IllegalArgumentException("port must be 0 to 65535, but is " + value);
      }
      port = value;
      return this;
    }

    /** Lets several processes listen on the port, where the system can (SO_REUSEPORT). */
    public Builder reusePort(boolean value) {
      reusePort = value;
      return this;
    }

    /** Lets pages of another origin connect, for example {@code https://shop.example}. */
    public Builder allowOrigin(String origin) {
      allowedOrigins.add(Objects.requireNonNull(origin, "origin"));
      return this;
    }

    /** Turns the writing HTTP API on, for applications that have one of these keys. */
    public Builder apiKeys(ApiKeys value) {
      apiKeys = Objects.requireNonNull(value, "apiKeys");
      return this;
    }

    /**
     * Serves figures at {@code /metrics}, in the text format of Prometheus; without, there is no
     * such page. With Micrometer's Prometheus registry it is {@code registry::scrape}.
     *
     * <p>Whoever reaches the port may read them, as with {@code /health/ready}: keep the path from
     * strangers in the proxy before this server, if they are not to know how busy it is.
     */
    public Builder metrics(Supplier<String> scrape) {
      metrics = Objects.requireNonNull(scrape, "scrape");
      return this;
    }

    /** Serves files beside the API. */
    public Builder files(StaticFiles value) {
      files = Objects.requireNonNull(value, "files");
      return this;
    }

    /**
     * Starts to listen.
     *
     * @throws IOException when the address cannot be bound
     */
    public ChatServer start() throws IOException {
      return new ChatServer(this);
    }
  }
}
