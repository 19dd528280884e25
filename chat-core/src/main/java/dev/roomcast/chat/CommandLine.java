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
 * <p>It is bounded twice, in commands and in characters of the frames they came in. At the first
 * bound the connection is not read any more until half of it is done. What a transport reads all
 * the same, because it cannot stop or had begun, may fill the line up to the second one, {@value
 * #FLOOD} times as high; whoever goes beyond floods the server and is told on.
 *
 * <p>State: {@code running} are under way, oldest first, and only the head's reply may leave;
 * {@code waiting} have not begun; {@code size} is the characters of both. {@code pumping} is true
 * while a thread moves things along: it begins commands, one at a time, and sends their replies; a
 * thread that finds it true leaves its work to that one. With {@code finishing} nothing is taken
 * any more. Guarded by "this", which is never held while a command is executed or a reply is sent.
 */
final class CommandLine {

  static final int FLOOD = 16;

  /**
   * Whole frames, of the largest size, that may wait before the connection is not read any more.
   */
  static final int LARGEST_FRAMES = 8;

  private final int bound;
  private final long sizeBound;
  private final BiConsumer<Command, Slot> execute;
  private final Consumer<Frame> reply;
  private final Consumer<Boolean> reading;
  private final ArrayDeque<Slot> waiting = new ArrayDeque<>(2);
  private final ArrayDeque<Slot> running = new ArrayDeque<>(2);
  private long size;
  private boolean open;
  private boolean closed;
  private boolean pumping;
  private boolean paused;
  private boolean finishing;
  private @Nullable Runnable whenAnswered;

  /** Bounds the line by commands, and by the characters of so many of the largest frames. */
  CommandLine(
      int bound,
      int frameBytes,
      BiConsumer<Command, Slot> execute,
      Consumer<Frame> reply,
      Consumer<Boolean> reading) {
    this.bound = bound;
    this.sizeBound = (long) LARGEST_FRAMES * frameBytes;
    this.execute = execute;
    this.reply = reply;
    this.reading = reading;
  }

  /** A command's place in the line. */
  final class Slot {
    private final Command command;
    private final int size;
    private boolean done;
    private @Nullable Frame answer;

    private Slot(Command command, int size) {
      this.command = command;
      this.size = size;
    }

    /** Ends the command; {@code frame} is its reply, null when it has none. */
    void done(@Nullable Frame frame) {
      synchronized (CommandLine.this) {
        done = true;
        answer = frame;
        if (!startsPumping()) {
          return;
        }
      }
      pump(null);
    }
  }

  /** Lets commands begin: the session is open. */
  void open() {
    synchronized (this) {
      open = true;
      if (!startsPumping()) {
        return;
      }
    }
    pump(null);
  }

  synchronized boolean isOpen() {
    return open;
  }

  /**
   * Takes no more commands; once all that were taken are answered, or dropped, {@code then} runs.
   */
  void finish(Runnable then) {
    synchronized (this) {
      whenAnswered = then;
      finishing = true;
      if (!startsPumping()) {
        return;
      }
    }
    pump(null);
  }

  /** Drops what waits: nobody is there to be answered. */
  synchronized void close() {
    closed = true;
    waiting.forEach(slot -> size -= slot.size);
    waiting.clear();
  }

  /**
   * Queues a command that came in a frame of so many characters. At the bound the connection is not
   * read any more, until there is room.
   *
   * @return false when the line is full beyond the second bound; nothing is queued then
   */
  boolean add(Command command, int characters) {
    boolean pause;
    boolean pumps;
    Slot start = null;
    synchronized (this) {
      if (closed || finishing) {
        return true;
      }
      if (fills(FLOOD)) {
        return false;
      }
      waiting.add(new Slot(command, characters));
      size += characters;
      pause = !paused && fills(1);
      paused |= pause;
      pumps = startsPumping();
      if (pumps) {
        start = next();
      }
    }
    if (pause) {
      reading.accept(false);
      if (!isPaused()) {
        reading.accept(true); // half of it was done by another thread before that was told
      }
    }
    if (pumps) {
      pump(start);
    }
    return true;
  }

  private synchronized boolean isPaused() {
    return paused;
  }

  private boolean fills(int times) {
    return waiting.size() + running.size() >= (long) times * bound || size >= times * sizeBound;
  }

  private boolean halfDone() {
    return waiting.size() + running.size() <= bound / 2 && size <= sizeBound / 2;
  }

  /** Whether the caller has to {@link #pump} from now on. Must be called with "this" held. */
  private boolean startsPumping() {
    boolean starts = !pumping;
    pumping = true;
    return starts;
  }

  /** Moves things along until nothing moves, beginning with a command if there is one. */
  private void pump(@Nullable Slot first) {
    Slot start = first;
    while (true) {
      if (start != null) {
        execute.accept(start.command, start);
      }
      Frame answer;
      Runnable end = null;
      boolean goOn;
      synchronized (this) {
        answer = takeAnswer();
        goOn = paused && halfDone();
        paused &= !goOn;
        start = answer == null ? next() : null;
        if (answer == null && start == null && running.isEmpty() && waiting.isEmpty()) {
          end = whenAnswered;
          whenAnswered = null;
        }
        pumping = answer != null || start != null || end != null || goOn;
      }
      if (goOn) {
        reading.accept(true);
      }
      if (answer != null) {
        reply.accept(answer);
      }
      if (end != null) {
        end.run();
      }
      if (answer == null && start == null && end == null && !goOn) {
        return;
      }
    }
  }

  /**
   * Takes what is done off the line, up to the first that has an answer, and returns that. Must be
   * called with "this" held.
   */
  private @Nullable Frame takeAnswer() {
    Slot oldest = running.peek();
    while (oldest != null && oldest.done) {
      running.remove();
      size -= oldest.size;
      if (oldest.answer != null) {
        return oldest.answer;
      }
      oldest = running.peek();
    }
    return null;
  }

  /** Begins the next command, if one may begin. Must be called with "this" held. */
  private @Nullable Slot next() {
    if (!mayStart()) {
      return null;
    }
    Slot next = waiting.remove();
    running.add(next);
    return next;
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
