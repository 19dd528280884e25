package dev.roomcast.chat;

import java.util.ArrayDeque;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The commands of one session, waiting or under way: they take effect in the order sent, and their
 * replies leave in that order.
 *
 * <p>{@link Command#pipelined Pipelined} neighbours are under way together; any other command waits
 * for all before it and holds up all after it.
 *
 * <p>State: {@code running} are under way, oldest first, and only the head's reply may leave;
 * {@code waiting} have not begun. {@code pumping} is true while a thread moves things along; a
 * thread that finds it true leaves its work to that one. Guarded by "this", which is never held
 * while a command is executed or a reply is sent.
 */
final class CommandLine {

  private final int bound;
  private final BiConsumer<Command, Slot> execute;
  private final Consumer<Frame> reply;
  private final Consumer<Boolean> reading;
  private final ArrayDeque<Slot> waiting = new ArrayDeque<>(2);
  private final ArrayDeque<Slot> running = new ArrayDeque<>(2);
  private boolean open;
  private boolean closed;
  private boolean pumping;
  private boolean paused;

  CommandLine(
      int bound,
      BiConsumer<Command, Slot> execute,
      Consumer<Frame> reply,
      Consumer<Boolean> reading) {
    this.bound = bound;
    this.execute = execute;
    this.reply = reply;
    this.reading = reading;
  }

  /** A command's place in the line. */
  final class Slot {
    private final Command command;
    private boolean done;
    private @Nullable Frame answer;

    private Slot(Command command) {
      this.command = command;
    }

    /** Ends the command; {@code frame} is its reply, null when it has none. */
    void done(@Nullable Frame frame) {
      synchronized (CommandLine.this) {
        done = true;
        answer = frame;
      }
      pump();
    }
  }

  /** Lets commands begin: the session is open. */
  void open() {
    synchronized (this) {
      open = true;
    }
    pump();
  }

  /** Drops what waits: nobody is there to be answered. */
  synchronized void close() {
    closed = true;
    waiting.clear();
  }

  /**
   * Queues a command. Beyond the bound the connection is not read any more, until there is room.
   */
  void add(Command command) {
    boolean pause;
    synchronized (this) {
      if (closed) {
        return;
      }
      waiting.add(new Slot(command));
      pause = !paused && waiting.size() + running.size() >= bound;
      paused |= pause;
    }
    if (pause) {
      reading.accept(false);
    }
    pump();
  }

  private void pump() {
    synchronized (this) {
      if (pumping) {
        return;
      }
      pumping = true;
    }
    while (true) {
      Slot start = null;
      Frame answer = null;
      boolean goOn = false;
      synchronized (this) {
        Slot oldest = running.peek();
        if (oldest != null && oldest.done) {
          running.remove();
          answer = oldest.answer;
          goOn = paused && waiting.size() + running.size() <= bound / 2;
          paused &= !goOn;
        } else if (mayStart()) {
          start = waiting.remove();
          running.add(start);
        } else {
          pumping = false;
          return;
        }
      }
      if (goOn) {
        reading.accept(true);
      }
      if (answer != null) {
        reply.accept(answer);
      }
      if (start != null) {
        execute.accept(start.command, start);
      }
    }
  }

  private boolean mayStart() {
    Slot next = waiting.peek();
    if (next == null || !open || closed) {
      return false;
    }
    Slot last = running.peekLast();
    return last == null || last.command.pipelined() && next.command.pipelined();
  }
}
