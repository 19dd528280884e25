package dev.roomcast.chat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A connection of a simulation, from the client's socket to the server's transport: late, in order,
 * and sometimes cut without either side noticing soon. Confined to the simulation's thread.
 */
final class SimLink implements Transport {

  private final Simulation sim;
  private final SimNode node;
  private final SimClient client;
  private final Deque<String> unread = new ArrayDeque<>();
  private @Nullable ClientSession session;
  private @Nullable Runnable stalledWrite;
  private Instant downDue = Instant.MIN;
  private Instant upDue = Instant.MIN;
  private boolean reading = true;
  private boolean stalled;
  private boolean cut;
  private boolean closeSent;
  private boolean over;

  SimLink(Simulation sim, SimNode node, SimClient client) {
    this.sim = sim;
    this.node = node;
    this.client = client;
  }

  void open(ClientSession opened) {
    session = opened;
  }

  SimNode node() {
    return node;
  }

  /** Sends a frame of the client. */
  void send(String frame) {
    if (!cut) {
      upDue = sim.inOrder(upDue, () -> arrive(frame));
    }
  }

  private void arrive(String frame) {
    if (cut || over || !node.alive()) {
      return;
    }
    if (reading) {
      session().receive(frame);
    } else {
      unread.add(frame);
    }
  }

  private ClientSession session() {
    if (session == null) {
      throw new IllegalStateException("not open");
    }
    return session;
  }

  @Override
  public boolean write(Frame frame, WriteListener done) {
    if (stalledWrite != null) {
      sim.ledger.broken("two writes at a time to " + client);
    }
    if (cut) {
      if (sim.chance(0.5)) {
        sim.later(() -> done.written(false));
      }
      return false;
    }
    Runnable whole =
        () -> {
          frame.parts().forEach(part -> down(() -> client.receive(this, part.text())));
        };
    if (stalled) {
      stalledWrite =
          () -> {
            whole.run();
            done.written(true);
          };
      return false;
    }
    whole.run();
    if (sim.chance(0.5)) {
      return true;
    }
    sim.later(() -> done.written(true));
    return false;
  }

  private void down(Runnable arrival) {
    downDue =
        sim.inOrder(
            downDue,
            () -> {
              if (!cut) {
                arrival.run();
              }
            });
  }

  /** The client does not read for a while. */
  void stall() {
    stalled = true;
  }

  void goOn() {
    stalled = false;
    Runnable write = stalledWrite;
    stalledWrite = null;
    if (write != null && !cut) {
      write.run();
    }
  }

  /** The network fails; both sides notice later, the server perhaps not by itself. */
  void cut() {
    if (cut) {
      return;
    }
    cut = true;
    sim.later(Duration.ofMillis(sim.upTo(2_000)), () -> client.closed(this, 1006));
    if (sim.calm() || sim.chance(0.7)) {
      over(Duration.ofMillis(sim.upTo(6_000)), 1006);
    }
  }

  /** The client closes, or is closed and answers. */
  void bye(int code) {
    cut = true;
    over(Duration.ofMillis(sim.upTo(300)), code);
  }

  private void over(Duration delay, int code) {
    sim.later(
        delay,
        () -> {
          if (!over && session != null && node.alive()) {
            over = true;
            session.closed(code);
          }
        });
  }

  @Override
  public void ping() {
    if (!cut && !stalled) {
      sim.later(
          () -> {
            if (!cut && !over) {
              session().alive();
            }
          });
    }
  }

  @Override
  public void close(int code, String reason) {
    if (closeSent) {
      sim.ledger.broken("closed twice: " + client);
    }
    closeSent = true;
    if (cut || stalled) {
      abort();
      return;
    }
    down(
        () -> {
          client.closed(this, code);
          bye(code);
        });
    over(Duration.ofSeconds(3), 1006);
  }

  @Override
  public void abort() {
    cut = true;
    sim.later(() -> client.closed(this, 1006));
    over(Duration.ofMillis(sim.upTo(300)), 1006);
  }

  @Override
  public void reading(boolean on) {
    reading = on;
    while (reading && !unread.isEmpty()) {
      session().receive(unread.remove());
    }
  }
}
