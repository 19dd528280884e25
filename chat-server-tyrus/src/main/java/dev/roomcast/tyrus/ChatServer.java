package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.glassfish.grizzly.filterchain.FilterChain;
import org.glassfish.grizzly.filterchain.TransportFilter;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.HttpServerFilter;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.nio.ChannelConfigurator;
import org.glassfish.grizzly.nio.NIOTransport;
import org.glassfish.grizzly.nio.transport.TCPNIOTransport;
import org.glassfish.grizzly.strategies.SameThreadIOStrategy;
import org.glassfish.grizzly.threadpool.ThreadPoolConfig;
import org.glassfish.grizzly.utils.IdleTimeoutFilter;
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
  private static final long LOOK_FOR_CERTIFICATES_SECONDS = 5;

  private final HttpServer http;
  private final NetworkListener listener;
  private final String host;
  private final @Nullable TlsFiles tls;
  private final @Nullable PerMessageDeflate deflate;
  private final ConnectionGuard guard;
  private final EventLoops loops;
  private final DirectUpgrades direct;
  private final ScheduledExecutorService sweeper;
  private final CountDownLatch closed = new CountDownLatch(1);

  private ChatServer(Builder builder) throws IOException {
    host = builder.host;
    tls = builder.tls;
    deflate = builder.compression ? new PerMessageDeflate() : null;
    http = new HttpServer();
    listener = new NetworkListener("roomcast", builder.host, builder.port);
    http.addListener(listener);
    HttpRequests requests =
        new HttpRequests(
            builder.allowedOrigins, Hosts.of(builder.host, builder.allowedHosts), builder.proxies);
    guard =
        new ConnectionGuard(
            builder.chat.limits(), builder.clock, builder.chat::limitHit, tls != null);
    LentBuffers buffers = new LentBuffers();
    loops = new EventLoops(builder.chat, Runtime.getRuntime().availableProcessors());
    configure(listener.getTransport(), builder.reusePort);
    if (tls != null) {
      listener.setSecure(true);
      listener.setSSLEngineConfig(new TlsEngines(tls));
    }
    // Grizzly does not see what happens after an upgrade, and would cut those as idle; the guard
    // looks after the others.
    listener.getKeepAlive().setIdleTimeoutInSeconds(-1);
    Upgrades upgrades =
        new Upgrades(
            builder.chat, new Gate(builder.chat, requests), loops, guard, buffers, deflate);
    direct = new DirectUpgrades(upgrades, guard);
    listener.registerAddOn(
        (network, chain) -> {
          // It would keep every connection in a list of its own, for no end of an idle time.
          chain.remove(chain.indexOfType(IdleTimeoutFilter.class));
          int http = chain.indexOfType(org.glassfish.grizzly.http.HttpServerFilter.class);
          int api = chain.indexOfType(HttpServerFilter.class);
          chain.set(http, new StrangersHttp(chain.get(http)));
          chain.set(api, new StrangersHttp(chain.get(api)));
          chain.add(api, new UpgradeFilter(upgrades));
          chain.add(api, guard.requests());
          chain.add(http, direct);
          chain.add(chain.indexOfType(TransportFilter.class) + 1, guard);
        });
    http.getServerConfiguration()
        .addHttpHandler(
            new HttpApi(
                new HttpGuard(requests),
                new HttpReads(builder.chat, requests, builder.apiKeys),
                new HttpWrites(builder.chat, builder.apiKeys),
                builder.metrics == null ? null : new HttpMetrics(builder.metrics),
                new HttpFiles(builder.files)),
            "/");
    http.getServerConfiguration().setHttpServerName("roomcast");
    try {
      http.start();
    } catch (IOException | RuntimeException e) {
      loops.close();
      throw e;
    }
    long interval = guard.sweepInterval().toMillis();
    sweeper =
        Executors.newScheduledThreadPool(
            tls == null ? 1 : 2, // files may be far away, and late
            task -> {
              Thread thread = new Thread(task, "roomcast-guard-" + builder.chat.id());
              thread.setDaemon(true);
              return thread;
            });
    sweeper.scheduleWithFixedDelay(
        guard::sweep, interval, Math.max(1, interval), TimeUnit.MILLISECONDS);
    if (tls != null) {
      sweeper.scheduleWithFixedDelay(
          tls::look,
          LOOK_FOR_CERTIFICATES_SECONDS,
          LOOK_FOR_CERTIFICATES_SECONDS,
          TimeUnit.SECONDS);
    }
  }

  private static void configure(TCPNIOTransport transport, boolean reusePort) {
    ThreadPoolConfig workers = transport.getWorkerThreadPoolConfig();
    transport.setIOStrategy(SameThreadIOStrategy.getInstance());
    transport.setWorkerThreadPoolConfig(workers); // which a new strategy replaces
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
    String scheme = tls == null ? "http://" : "https://";
    return scheme + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port();
  }

  /** What bytes and requests go through, in this order. */
  FilterChain filters() {
    return listener.getFilterChain();
  }

  /** After so many seconds Grizzly cuts connections that it takes for idle; -1 for never. */
  int cutsIdleAfterSeconds() {
    return listener.getKeepAlive().getIdleTimeoutInSeconds();
  }

  /** Connections that are no WebSockets, or not yet. */
  int unfinished() {
    return guard.size();
  }

  /** Upgrade requests that went the short way. */
  long direct() {
    return direct.taken();
  }

  /** Blocks until the server is closed. */
  public void awaitShutdown() throws InterruptedException {
    closed.await();
  }

  /**
   * Stops listening and keeps the connections there are: for a process that shares its port with
   * others ({@link Builder#reusePort}) and is about to drain, so that the system gives new
   * connections to the others from now on. Where nobody else listens do not call it: clients would
   * be refused without a word, instead of with 503 and {@code Retry-After}. Idempotent.
   */
  public void stopListening() {
    listener.getTransport().unbindAll();
  }

  /** Stops listening and cuts the connections that are left. Idempotent. */
  @Override
  public void close() {
    close(() -> http.shutdown(1, TimeUnit.SECONDS));
  }

  /** As {@link #close}, and without a moment for requests that are being answered. */
  void cut() {
    close(http::shutdownNow);
  }

  private void close(Runnable shutdown) {
    if (closed.getCount() > 0) {
      sweeper.shutdownNow();
      shutdown.run();
      loops.close();
      if (deflate != null) {
        deflate.close();
      }
      closed.countDown();
    }
  }

  /** Collects what a server needs. Confined to one thread. */
  public static final class Builder {
    private final ChatNode chat;
    private final Set<String> allowedOrigins = new HashSet<>();
    private final Set<String> allowedHosts = new HashSet<>();
    private TrustedProxies proxies = TrustedProxies.NONE;
    private InstantSource clock = InstantSource.system();
    private String host = "127.0.0.1";
    private int port = 5_000;
    private boolean reusePort;
    private @Nullable TlsFiles tls;
    private boolean compression;
    private @Nullable ApiKeys apiKeys;
    private @Nullable Supplier<String> metrics;
    private StaticFiles files = path -> null;
    private @Nullable Rehearsal rehearsal;

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

    /**
     * Speaks TLS, and nothing else, on the port: {@code wss} and {@code https}. The files are
     * looked at every {@value #LOOK_FOR_CERTIFICATES_SECONDS} seconds; what is new in them counts
     * from then on, for new connections.
     */
    public Builder tls(TlsFiles value) {
      tls = Objects.requireNonNull(value, "tls");
      return this;
    }

    /**
     * Compresses messages for clients that offer {@code permessage-deflate}, as browsers do, and
     * takes compressed ones from them; off by default. A room's message is compressed once on each
     * node, and a connection costs no more memory. It saves traffic where texts are long or alike,
     * and costs processor time for each message.
     */
    public Builder compression(boolean value) {
      compression = value;
      return this;
    }

    /** Lets pages of another origin connect, for example {@code https://shop.example}. */
    public Builder allowOrigin(String origin) {
      allowedOrigins.add(Objects.requireNonNull(origin, "origin"));
      return this;
    }

    /**
     * Lets clients ask for this name in {@code Host}, for example {@code chat.shop.example}; others
     * are answered 400, but for health. Without any: a server that is bound to this machine answers
     * to this machine's names, another to all. A server behind a proxy of the same machine needs
     * the name that the proxy passes on.
     */
    public Builder allowHost(String name) {
      allowedHosts.add(Objects.requireNonNull(name, "name"));
      return this;
    }

    /**
     * Believes these proxies, and nobody else, where a client is and what it calls this server:
     * {@code Forwarded}, or {@code X-Forwarded-For} and {@code X-Forwarded-Host}. They must set
     * these headers, or add to them, whatever the client sent.
     *
     * @param networks networks or addresses, as in {@code 10.0.0.0/8} or {@code 2001:db8::1}
     * @throws IllegalArgumentException when one is neither; the message names it
     */
    public Builder trustedProxies(Collection<String> networks) {
      proxies = TrustedProxies.of(networks);
      return this;
    }

    /** For tests: what is late is theirs to say. */
    Builder clock(InstantSource value) {
      clock = value;
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
     * Rehearses before it listens, for so long at most; zero, the default, for not at all.
     *
     * <p>A JVM that was just started serves its first thousands of clients at half the rate and
     * twice the cost. So {@link #start} first has some thousand connections come to a server and a
     * node in memory of its own, on a free port of the loopback address, which then are thrown
     * away: the node of this builder, its limits, metrics, store and hooks have no part in it. It
     * takes a second or two of all processors, and is over when enough clients came. When it fails
     * a warning says why, and the server starts all the same.
     *
     * @throws IllegalArgumentException when it is negative
     */
    public Builder rehearse(Duration atMost) {
      if (atMost.isNegative()) {
        throw new IllegalArgumentException("atMost must not be negative, but is " + atMost);
      }
      return rehearsal(atMost.isZero() ? null : Rehearsal.of(atMost, chat.limits()));
    }

    /** For tests: a shorter one, or one that fails. */
    Builder rehearsal(@Nullable Rehearsal value) {
      rehearsal = value;
      return this;
    }

    /**
     * Starts to listen, after the rehearsal if there is one.
     *
     * @throws IOException when the address cannot be bound
     */
    public ChatServer start() throws IOException {
      if (rehearsal != null) {
        tryAddress();
        rehearsal.hold();
      }
      return new ChatServer(this);
    }

    /**
     * An address that cannot be had is told at once, not after a rehearsal. Nothing listens here,
     * so no connection can come to it.
     */
    private void tryAddress() throws IOException {
      try (SocketChannel channel = SocketChannel.open()) {
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        if (reusePort) {
          channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        }
        channel.bind(new InetSocketAddress(host, port));
      }
    }
  }
}
