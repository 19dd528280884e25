package dev.roomcast.redis;

import dev.roomcast.chat.ChatException;
import dev.roomcast.redis.Traffic.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Commands and answers on one connection of a link, from when it is made until it is lost.
 *
 * <p>Any thread may {@link #send}; one of its own writes what is queued, everything that gathered
 * in one go; the link's reads. Where answers count only when replicas have what was written, each
 * go ends with a question about it, and the next one is written after its answer: so what gathers
 * meanwhile waits for the replicas together, and not one after the other.
 *
 * <p>Mutable state is guarded by {@code lock}, which is never held during I/O. Thread-safe.
 */
final class Exchange {

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");
  private static final byte[] UNSUBSCRIBED = bytes("sunsubscribe");
  private static final int ROUND = 1_024;

  private final RedisConnection connection;
  private final RedisLink.Listener listener;
  private final String name;
  private final boolean ofCluster;
  private final byte[] message;
  private final @Nullable Replicas replicas;
  private final Object lock = new Object();
  private final Traffic traffic = new Traffic();
  private boolean writerWaits;
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
   * Queues a command, and directly before and after it others whose answers nobody waits for.
   *
   * @return why not; null when it is queued
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
      if (writerWaits) {
        lock.notifyAll();
      }
      return null;
    }
  }

  /**
   * Takes what comes in, for ever.
   *
   * @throws JedisException when the connection is lost, or the server will not do
   */
  void read() {
    while (true) {
      take(connection.read());
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

  private void write() {
    List<Request> round = new ArrayList<>();
    try {
      while (nextRound(round)) {
        for (Request request : round) {
          connection.write(request.command());
        }
        connection.flush();
        round.clear();
      }
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

  /** Waits for something to write; false when the connection is lost. */
  private boolean nextRound(List<Request> round) throws InterruptedException {
    synchronized (lock) {
      while ((traffic.isQueueEmpty() || askedReplicas) && !ended) {
        writerWaits = true;
        lock.wait();
      }
      writerWaits = false;
      if (ended) {
        return false;
      }
      traffic.next(round, ROUND);
      if (replicas != null && round.stream().anyMatch(r -> r.kind() == Traffic.Answer.REPLICATED)) {
        askedReplicas = true;
        Request question = replicas.question();
        question.answer().whenComplete((count, failure) -> replicasAnswered(count, failure));
        traffic.addWritten(question);
        round.add(question);
      }
      return true;
    }
  }

  private void replicasAnswered(@Nullable Object count, @Nullable Throwable failure) {
    synchronized (lock) {
      askedReplicas = false;
      lock.notifyAll();
    }
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
