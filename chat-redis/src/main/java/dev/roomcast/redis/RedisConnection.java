package dev.roomcast.redis;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * One socket to Redis that speaks RESP3, ready to be used: authenticated, its scripts loaded, its
 * server known. One thread may write while another one reads; {@link #close} may be called by any.
 */
final class RedisConnection implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");
  private static final Pattern UNNAMABLE = Pattern.compile("[^!-~]");

  /**
   * What a connection is for.
   *
   * @param delivers whether what is announced comes in on it
   * @param replicas how many must have what is sent on it before it counts as answered
   */
  record Purpose(String name, boolean delivers, int replicas) {}

  private final Resp resp;
  private final Address server;
  private final String run;
  private final String info;

  private RedisConnection(Resp resp, Address server, RedisOptions options, Purpose purpose)
      throws IOException {
    this.resp = resp;
    this.server = server;
    hello(resp, options, purpose.name());
    List<@Nullable Object> answers = resp.ask(questions(options, purpose));
    this.info = text(answers.get(0)) + text(answers.get(1));
    this.run = field("run_id");
    check(options.isCluster());
    int optional = purpose.delivers() ? 4 : 3;
    for (int i = 0; i < answers.size(); i++) {
      if (answers.get(i) instanceof JedisDataException refusal) {
        if (i < 2 || i >= optional) {
          throw refusal;
        }
        log.debug("{}: not done: {}", purpose.name(), refusal.getMessage());
      }
    }
  }

  /**
   * Connects, which takes a few times the timeout at most.
   *
   * @throws JedisConnectionException when the server cannot be reached
   * @throws JedisDataException when it refuses, for example while it is loading its data
   */
  static RedisConnection open(Endpoint endpoint, RedisOptions options, Purpose purpose) {
    Resp resp = null;
    try {
      Address server = endpoint.find();
      resp = new Resp(Wire.open(server, options));
      return new RedisConnection(resp, server, options, purpose);
    } catch (IOException | RuntimeException e) {
      closeQuietly(resp);
      throw e instanceof RuntimeException failure ? failure : new JedisConnectionException(e);
    }
  }

  /** Says who we are, on a fresh connection. */
  static void hello(Resp resp, RedisOptions options, String name) throws IOException {
    CommandArguments hello = new CommandArguments(Command.HELLO).add("3");
    String password = options.password();
    if (password != null) {
      String user = options.user();
      hello.add("AUTH").add(user == null ? "default" : user).add(password);
    }
    resp.ask(hello.add("SETNAME").add(UNNAMABLE.matcher(name).replaceAll("_")));
  }

  /** Two about the server, then one or two that it may refuse. */
  private static List<CommandArguments> questions(RedisOptions options, Purpose purpose) {
    List<CommandArguments> commands = new ArrayList<>();
    commands.add(new CommandArguments(Command.INFO).add("server"));
    commands.add(new CommandArguments(Command.INFO).add("replication"));
    // Servers that are short of memory for clients cut others off first. From Redis 7 on.
    commands.add(new CommandArguments(Command.CLIENT).add("NO-EVICT").add("ON"));
    if (purpose.delivers()) {
      // What is read for a reconnect is no use that keeps a log from eviction. From Redis 7.2 on.
      commands.add(new CommandArguments(Command.CLIENT).add("NO-TOUCH").add("ON"));
    }
    if (options.database() != 0) {
      commands.add(new CommandArguments(Command.SELECT).add(options.database()));
    }
    for (Script script : Script.values()) {
      commands.add(
          new CommandArguments(Command.SCRIPT)
              .add("LOAD")
              .add(script.text(options.isCluster()).source()));
    }
    return commands;
  }

  private static String text(@Nullable Object answer) {
    return answer instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) + "\r\n" : "";
  }

  private void check(boolean ofCluster) {
    String mode = field("redis_mode");
    if (mode.equals("sentinel")) {
      throw new JedisConnectionException(
          "this is a Sentinel: redis-sentinel://" + server + "/NAME-OF-THE-MASTER");
    }
    if (!ofCluster && mode.equals("cluster")) {
      throw new JedisConnectionException(
          "this is a member of a Redis Cluster: redis-cluster://" + server);
    }
    if (ofCluster && mode.equals("standalone")) {
      throw new JedisConnectionException(
          "this server is no member of a Redis Cluster: redis://" + server);
    }
    if (ofCluster && version().matches("[1-6]\\..*")) {
      throw new JedisConnectionException(
          "a Redis Cluster is used with sharded publish and subscribe, which Redis has from 7.0 on;"
              + " this is "
              + version());
    }
    if (field("role").equals("slave")) {
      throw new JedisDataException(
          "READONLY this server is a replica of "
              + field("master_host")
              + ":"
              + field("master_port"));
    }
    if (info.length() > 0 && run.isEmpty()) {
      throw new JedisConnectionException("the server does not tell its run_id");
    }
  }

  private String field(String name) {
    return Replies.field(info, name);
  }

  /** Which server process this is: another one after each restart and failover. */
  String run() {
    return run;
  }

  /** The version of the server, as 7.0.15. */
  String version() {
    return field("redis_version");
  }

  /** How many replicas followed the server when it was connected to. */
  int replicas() {
    String number = field("connected_slaves");
    return number.isEmpty() ? 0 : Integer.parseInt(number);
  }

  /** Where the server is. */
  Address server() {
    return server;
  }

  /** Whether it is on this machine, for nobody else to reach. */
  boolean isLocal() {
    return resp.isLocal();
  }

  void write(CommandArguments command) {
    resp.write(command);
  }

  /** Writes all that there is, waiting until the server has room for it. */
  void flush() throws IOException {
    resp.flush();
  }

  /** Whether {@link #offer} is of use, which it is not over TLS. */
  boolean canOffer() {
    return resp.canOffer();
  }

  /** Writes as far as that goes without waiting; false when {@link #flush} has to go on with it. */
  boolean offer(List<CommandArguments> commands) throws IOException {
    return resp.offer(commands);
  }

  /** Whether the next {@link #read} need not wait for its beginning. */
  boolean hasMore() {
    try {
      return resp.hasMore();
    } catch (IOException e) {
      throw new JedisConnectionException(e);
    }
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
    boolean push = resp.isPush();
    try {
      Object value = resp.read();
      return push && value instanceof List<?> parts
          ? new Incoming.Push(parts)
          : new Incoming.Reply(value);
    } catch (JedisDataException e) {
      return new Incoming.Refusal(e);
    }
  }

  @Override
  public void close() {
    closeQuietly(resp);
  }

  private static void closeQuietly(@Nullable Resp resp) {
    try {
      if (resp != null) {
        resp.close();
      }
    } catch (IOException e) {
      log.debug("closing a connection", e); // it is of no use any more
    }
  }
}
