package dev.roomcast.redis;

import dev.roomcast.chat.ChatException;
import dev.roomcast.redis.Traffic.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Commands and answers on one connection of a link, from when it is made until it is lost.
 *
 * <p>Any thread may {@link #send}. It writes what is queued itself, as far as that goes without
 * waiting, unless somebody else is writing; what is left is for a thread that waits, which also
 * writes all of it over TLS and where replicas are asked. So a command costs no switch of threads,
 * and a server that does not read holds nobody up. The link's thread reads.
 *
 * <p>Where answers count only when replicas have what was written, each go ends with a question
 * about it, and the next one is written after its answer: so what gathers meanwhile waits for the
 * replicas together, and not one after the other.
 *
 * <p>Mutable state is guarded by {@code lock}, which is never held during I/O; the connection's way
 * out belongs to whoever set {@code writing}, which is passed on with {@code handedOver}.
 * Thread-safe.
 */
final class Exchange {

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");
  private static final byte[] UNSUBSCRIBED = bytes("sunsubscribe");
  private static final int ROUND = 1_024;
  private static final int ROUND_BYTES = 1 << 20;

  /** What a thread writes that has something else to do: so often, so many commands and bytes. */
  private static final int ROUNDS_AT_ONCE = 4;

  private static final int AT_ONCE = 64;
  private static final int BYTES_AT_ONCE = 48 * 1024;

  /** So many answers are taken before what follows from them is written. */
  private static final int ANSWERS_AT_ONCE = 64;

  private final RedisConnection connection;
  private final RedisLink.Listener listener;
  private final String name;
  private final boolean ofCluster;
  private final byte[] message;
  private final @Nullable Replicas replicas;
  private final boolean offers;
  private final Object lock = new Object();
  private final Traffic traffic = new Traffic();
  private final Set<Thread> gathering = new HashSet<>();
  private boolean writing;
  private boolean handedOver;
  private boolean askedReplicas;
  private boolean ended;

  /**
   * Creates the exchange on a connection that is there.
   *
   * @param name of its writing thread, and for the log
   * @param replicas that must have what is written before it is answered, null for none
   */
  Exchange(
      RedisConnection connection,
      RedisLink.Listener listener,
      String name,
      boolean ofCluster,
      @Nullable Replicas replicas) {
    this.connection = connection;
    this.listener = listener;
    this.name = name;
    this.ofCluster = ofCluster;
    this.message = bytes(ofCluster ? "smessage" : "message");
    this.replicas = replicas;
    this.offers = replicas == null && connection.canOffer();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  RedisConnection connection() {
    return connection;
  }

  void startWriting() {
    Thread writer = new Thread(this::write, name + "-writer");
    writer.setDaemon(true);
    writer.start();
  }

  /**
   * Sends a command, and directly before and after it others whose answers nobody waits for.
   *
   * @return why not; null when it is queued or written
   */
  @Nullable String send(@Nullable Request before, Request request, @Nullable Request after) {
    synchronized (lock) {
      if (ended) {
        return RedisLink.UNREACHABLE;
      }
      if (!traffic.hasRoom(request.bytes())) {
        return "the store is too slow";
      }
      if (before != null) {
        traffic.add(before);
      }
      traffic.add(request);
      if (after != null) {
        traffic.add(after);
      }
      if (gathering.contains(Thread.currentThread())) {
        return null;
      }
    }
    writeAtOnce();
    return null;
  }

  /** Runs what sends several times, and writes all of it after that. */
  void inOneGo(Runnable sends) {
    Thread thread = Thread.currentThread();
    boolean outermost;
    synchronized (lock) {
      outermost = gathering.add(thread);
    }
    try {
      sends.run();
    } finally {
      if (outermost) {
        synchronized (lock) {
          gathering.remove(thread);
        }
        writeAtOnce();
      }
    }
  }

  /** Writes what is queued, as far as that goes without waiting; never throws. */
  private void writeAtOnce() {
    synchronized (lock) {
      if (writing || ended || askedReplicas || traffic.isQueueEmpty()) {
        return; // who writes looks again; so does who hears of the replicas
      }
      writing = true;
      if (!offers) {
        handOver();
        return;
      }
    }
    guarded(
        () -> {
          List<CommandArguments> commands = nextAtOnce(true, 0);
          for (int i = 1; !commands.isEmpty(); i++) {
            commands = nextAtOnce(connection.offer(commands), i);
          }
        });
  }

  /** Empty when this thread need not go on, because nothing is left or another one writes it. */
  private List<CommandArguments> nextAtOnce(boolean wroteAll, int rounds) {
    synchronized (lock) {
      if (!wroteAll || rounds == ROUNDS_AT_ONCE && !traffic.isQueueEmpty()) {
        handOver();
        return List.of();
      }
      List<Request> round = ended ? List.of() : traffic.next(AT_ONCE, BYTES_AT_ONCE);
      writing = !round.isEmpty();
      return round.stream().map(Request::command).toList();
    }
  }

  /** Must be called with the lock held. */
  private void handOver() {
    handedOver = true;
    lock.notifyAll();
  }

  /** Takes what comes in, for ever; what is sent because of several answers leaves together. */
  void read() {
    while (true) {
      RedisConnection.Incoming first = connection.read();
      if (connection.hasMore()) {
        inOneGo(
            () -> {
              take(first);
              for (int i = 1; i < ANSWERS_AT_ONCE && connection.hasMore(); i++) {
                take(connection.read());
              }
            });
      } else {
        take(first);
      }
    }
  }

  private void take(RedisConnection.Incoming incoming) {
    if (incoming instanceof RedisConnection.Incoming.Push push) {
      byte[] kind = (byte[]) push.parts().get(0);
      if (Arrays.equals(kind, message)) {
        listener.onMessage((byte[]) push.parts().get(1), (byte[]) push.parts().get(2));
      } else if (Arrays.equals(kind, UNSUBSCRIBED)) {
        listener.onUnsubscribed((byte[]) push.parts().get(1));
      } else {
        Request request = taken(Traffic::pushed);
        if (request != null) {
          request.answer().complete(push.parts());
        }
      }
    } else if (incoming instanceof RedisConnection.Incoming.Refusal refusal) {
      JedisDataException error = refusal.error();
      answered(Traffic::refused).answer().completeExceptionally(Refusals.toChatException(error));
      if (Refusals.isOfServer(error) && !(ofCluster && Refusals.isOfSlot(error))) {
        throw error; // this server will not do: perhaps the address leads to another one by now
      }
    } else if (incoming instanceof RedisConnection.Incoming.Reply reply) {
      Request request = answered(Traffic::answered);
      if (request.kind() == Traffic.Answer.REPLICATED && replicas != null) {
        listener.onRoundTrip(System.nanoTime() - request.since());
        replicas.hold(request, reply.value());
      } else {
        if (request.kind() != Traffic.Answer.REPLICAS) {
          listener.onRoundTrip(System.nanoTime() - request.since());
        }
        request.answer().complete(reply.value());
      }
    }
  }

  private @Nullable Request taken(Function<Traffic, @Nullable Request> which) {
    synchronized (lock) {
      return which.apply(traffic);
    }
  }

  private Request answered(Function<Traffic, @Nullable Request> which) {
    Request request = taken(which);
    if (request == null) {
      throw new JedisConnectionException("an answer to nothing");
    }
    return request;
  }

  /** What the thread does that waits. */
  private void write() {
    guarded(
        () -> {
          while (waitForTurn()) {
            connection.flush();
            for (List<Request> round = nextRound(); !round.isEmpty(); round = nextRound()) {
              for (Request request : round) {
                connection.write(request.command());
              }
              connection.flush();
            }
          }
        });
  }

  /** Something that writes. */
  private interface Writing {
    void run() throws IOException, InterruptedException;
  }

  /** Whatever goes wrong costs the connection: half a command may have been written. */
  private void guarded(Writing call) {
    try {
      call.run();
    } catch (IOException | JedisException e) {
      log.debug("{}: writing failed", name, e);
      connection.close(); // the reading thread notices and does the rest
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      log.error("{}: a command could not be written; this is a fault, report it", name, e);
      connection.close(); // for a connection on which nobody writes would be of no use
    }
  }

  /** Waits until there is something to write; false when the connection is lost. */
  private boolean waitForTurn() throws InterruptedException {
    synchronized (lock) {
      while (!handedOver && !ended) {
        lock.wait();
      }
      return !ended;
    }
  }

  /** Empty when there is nothing more to write for now. */
  private List<Request> nextRound() {
    synchronized (lock) {
      if (ended || askedReplicas || traffic.isQueueEmpty()) {
        handedOver = false;
        writing = false;
        return List.of();
      }
      List<Request> round = traffic.next(ROUND, ROUND_BYTES);
      if (replicas != null && round.stream().anyMatch(r -> r.kind() == Traffic.Answer.REPLICATED)) {
        askedReplicas = true;
        Request question = replicas.question();
        question.answer().whenComplete((count, failure) -> replicasAnswered(count, failure));
        traffic.addWritten(question);
        round.add(question);
      }
      return round;
    }
  }

  private void replicasAnswered(@Nullable Object count, @Nullable Throwable failure) {
    synchronized (lock) {
      askedReplicas = false;
    }
    writeAtOnce();
    if (replicas != null) {
      replicas.answered(count, failure);
    }
  }

  /** Ends it; everything unanswered is for the caller to tell {@link #fail}. */
  List<Request> end() {
    synchronized (lock) {
      ended = true;
      lock.notifyAll();
      return traffic.clear();
    }
  }

  static void fail(List<Request> unanswered, ChatException failure) {
    unanswered.forEach(request -> request.answer().completeExceptionally(failure));
  }
}
