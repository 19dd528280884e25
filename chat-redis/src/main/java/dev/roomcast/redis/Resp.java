package dev.roomcast.redis;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.PushConsumer;
import redis.clients.jedis.PushConsumerChain;
import redis.clients.jedis.PushMessage;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.RedisInputStream;
import redis.clients.jedis.util.RedisOutputStream;

/** Commands and answers on a wire. One thread may write while another one reads. */
final class Resp implements Closeable {

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

  private final Wire wire;
  private final RedisInputStream in;
  private final Outgoing outgoing;
  private final RedisOutputStream out;

  Resp(Wire wire) {
    this.wire = wire;
    this.in = new RedisInputStream(wire.in(), BUFFER);
    this.outgoing = new Outgoing(wire);
    this.out = new RedisOutputStream(outgoing, BUFFER);
  }

  boolean isLocal() {
    return wire.isLocal();
  }

  void write(CommandArguments command) {
    Protocol.sendCommand(out, command);
  }

  /** Writes all that there is, waiting until the server has room for it. */
  void flush() throws IOException {
    outgoing.flushRest();
    out.flush();
  }

  /** Whether {@link #offer} is of use. */
  boolean canOffer() {
    return outgoing.canOffer();
  }

  /**
   * Writes commands as far as that goes without waiting.
   *
   * @return whether it was all; else the rest is kept for {@link #flush}, before which nothing else
   *     may be written
   */
  boolean offer(List<CommandArguments> commands) throws IOException {
    outgoing.waits(false);
    try {
      commands.forEach(this::write);
      out.flush();
    } finally {
      outgoing.waits(true);
    }
    return outgoing.isEmpty();
  }

  /** Whether more has come in than was read, be it only a part of the next. */
  boolean hasMore() throws IOException {
    return in.available() > 0;
  }

  /** Whether what comes next was not asked for; waits until there is something. */
  boolean isPush() {
    return in.peek(Protocol.GREATER_THAN_BYTE);
  }

  /**
   * Waits for what comes next.
   *
   * @throws JedisDataException when it is an error
   */
  @Nullable Object read() {
    return Protocol.read(in, PUSHES);
  }

  @Nullable Object ask(CommandArguments command) throws IOException {
    write(command);
    flush();
    return read();
  }

  /** Sends all at once; an answer that is an error is a {@link JedisDataException}. */
  List<@Nullable Object> ask(List<CommandArguments> commands) throws IOException {
    commands.forEach(this::write);
    flush();
    List<@Nullable Object> answers = new ArrayList<>(commands.size());
    for (int i = 0; i < commands.size(); i++) {
      try {
        answers.add(read());
      } catch (JedisDataException e) {
        answers.add(e);
      }
    }
    return answers;
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}
