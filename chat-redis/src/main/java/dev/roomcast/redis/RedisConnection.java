package dev.roomcast.redis;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.PushConsumer;
import redis.clients.jedis.PushConsumerChain;
import redis.clients.jedis.PushMessage;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.RedisInputStream;
import redis.clients.jedis.util.RedisOutputStream;

/**
 * One socket to Redis that speaks RESP3, ready to be used: authenticated, its scripts loaded, its
 * server known. One thread may write while another one reads; {@link #close} may be called by any.
 */
final class RedisConnection implements AutoCloseable {

  private static final int BUFFER = 64 * 1024;

  /** Pushes are read like everything else. */
  private static final PushConsumerChain PUSHES =
      new PushConsumerChain() {
        @Override
        public PushMessage process(PushMessage push) {
          return push;
        }

        @Override
        public List<PushConsumer> getConsumers() {
          return List.of();
        }
      };

  private final Socket socket;
  private final RedisInputStream in;
  private final RedisOutputStream out;
  private final String run;

  private RedisConnection(Socket socket, RedisOptions options, String name) throws IOException {
    this.socket = socket;
    this.in = new RedisInputStream(socket.getInputStream(), BUFFER);
    this.out = new RedisOutputStream(socket.getOutputStream(), BUFFER);
    this.run = greet(options, name);
  }

  /**
   * Connects, which takes twice the timeout at most.
   *
   * @param name how the server lists the connection
   * @throws JedisConnectionException when the server cannot be reached
   * @throws JedisDataException when it refuses, for example while it is loading its data
   */
  static RedisConnection open(RedisOptions options, String name) {
    int timeout = (int) options.timeout().toMillis();
    DefaultJedisClientConfig.Builder config =
        DefaultJedisClientConfig.builder()
            .connectionTimeoutMillis(timeout)
            .socketTimeoutMillis(timeout);
    if (options.tls()) {
      config.sslOptions(SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL).build());
    }
    HostAndPort server = new HostAndPort(options.host(), options.port());
    Socket socket = new DefaultJedisSocketFactory(server, config.build()).createSocket();
    try {
      return new RedisConnection(socket, options, name);
    } catch (IOException | RuntimeException e) {
      closeQuietly(socket);
      throw e instanceof RuntimeException failure ? failure : new JedisConnectionException(e);
    }
  }

  private String greet(RedisOptions options, String name) throws IOException {
    CommandArguments hello = new CommandArguments(Command.HELLO).add("3");
    String password = options.password();
    if (password != null) {
      String user = options.user();
      hello.add("AUTH").add(user == null ? "default" : user).add(password);
    }
    ask(hello.add("SETNAME").add(name));
    if (options.database() != 0) {
      ask(new CommandArguments(Command.SELECT).add(options.database()));
    }
    for (Script script : Script.values()) {
      ask(new CommandArguments(Command.SCRIPT).add("LOAD").add(script.source()));
    }
    Object info = ask(new CommandArguments(Command.INFO).add("server"));
    String text = info instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : "";
    int at = text.indexOf("run_id:");
    if (at < 0) {
      throw new JedisConnectionException("the server does not tell its run_id");
    }
    return text.substring(at + 7, text.indexOf('\r', at));
  }

  private @Nullable Object ask(CommandArguments command) throws IOException {
    write(command);
    flush();
    return Protocol.read(in, PUSHES);
  }

  /** Which server process this is: another one after each restart and failover. */
  String run() {
    return run;
  }

  void write(CommandArguments command) {
    Protocol.sendCommand(out, command);
  }

  void flush() throws IOException {
    out.flush();
  }

  /** Something that came in. */
  sealed interface Incoming {
    /** The answer to the oldest unanswered command. */
    record Reply(@Nullable Object value) implements Incoming {}

    /** An error as the answer to the oldest unanswered command. */
    record Refusal(JedisDataException error) implements Incoming {}

    /** Something that was not asked for. */
    record Push(List<?> parts) implements Incoming {}
  }

  /**
   * Waits for what comes next.
   *
   * @throws JedisConnectionException when the connection is lost, or was silent for the timeout
   */
  Incoming read() {
    boolean push = in.peek(Protocol.GREATER_THAN_BYTE);
    try {
      Object value = Protocol.read(in, PUSHES);
      return push && value instanceof List<?> parts
          ? new Incoming.Push(parts)
          : new Incoming.Reply(value);
    } catch (JedisDataException e) {
      return new Incoming.Refusal(e);
    }
  }

  @Override
  public void close() {
    closeQuietly(socket);
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is of no use any more, whatever the system says about it.
    }
  }
}
