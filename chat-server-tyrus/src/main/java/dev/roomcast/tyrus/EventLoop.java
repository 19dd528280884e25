package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.WireBuffers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that waits until sockets of WebSockets have something to read or room to write, and has
 * their {@link SocketConnection}s do so.
 *
 * <p>What all sockets of one look have to read is read at once, and in memory delivered then on
 * this thread: a message that finds nothing else to do wakes no other thread, and those that came
 * together leave together. One buffer serves all reads.
 *
 * <p>{@code readable} and {@code writable} are confined to the thread; the rest is thread-safe.
 */
final class EventLoop implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(EventLoop.class);
  private static final int BUFFER_BYTES = 64 << 10;

  private final ChatNode chat;
  private final WireBuffers wires;
  private final Selector selector;
  private final Thread thread;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final List<SocketConnection> readable = new ArrayList<>();
  private final List<SocketConnection> writable = new ArrayList<>();
  private final Consumer<SelectionKey> notes = this::note;
  private final Runnable reads = this::readAll;
  private volatile boolean closed;

  /**
   * Starts the thread.
   *
   * @throws IOException when the system has no more selectors
   */
  EventLoop(ChatNode chat, WireBuffers wires, String name) throws IOException {
    this.chat = chat;
    this.wires = wires;
    this.selector = Selector.open();
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      while (!closed) {
        look(); // a method of its own, because what never returns is compiled late
      }
    } catch (IOException e) {
      log.error("waiting for sockets failed, their connections are cut; this is a fault", e);
    } finally {
      end();
    }
  }

  private void look() throws IOException {
    selector.select(notes);
    try {
      work();
    } catch (RuntimeException | Error e) {
      log.error("what sockets had to read was not all delivered; this is a fault, report it", e);
    } finally {
      readable.clear();
      writable.clear();
    }
  }

  private void work() {
    for (SocketConnection socket : writable) {
      guarded(socket, SocketConnection::writable);
    }
    if (!readable.isEmpty()) {
      chat.whileReading(reads);
    }
  }

  private void end() {
    closed = true; // from now on whoever adds one sees it
    List<SocketConnection> left = selector.keys().stream().map(EventLoop::of).toList();
    try {
      selector.close();
    } catch (IOException e) {
      log.debug("a selector could not be closed in order", e);
    }
    left.forEach(socket -> guarded(socket, SocketConnection::abort));
  }

  private void note(SelectionKey key) {
    try {
      if (key.isWritable()) {
        writable.add(of(key));
      }
      if (key.isReadable()) {
        readable.add(of(key));
      }
    } catch (CancelledKeyException e) {
      log.trace("a connection is cut at the moment it has something to read", e);
    }
  }

  private static SocketConnection of(SelectionKey key) {
    return (SocketConnection) key.attachment();
  }

  private void readAll() {
    for (SocketConnection socket : readable) {
      guarded(socket, readable -> readable.readable(buffer.clear()));
    }
  }

  /** One connection's fault must not end what the others share. */
  private static void guarded(SocketConnection socket, Consumer<SocketConnection> call) {
    try {
      call.accept(socket);
    } catch (RuntimeException | Error e) {
      log.error("a connection is cut for what it met; this is a fault, report it", e);
      socket.abort();
    }
  }

  /**
   * Takes a socket that does not block; nothing of it is told before {@link #want}.
   *
   * @throws ClosedChannelException when it is closed, or the loop is
   */
  SelectionKey add(SocketChannel channel, SocketConnection socket) throws ClosedChannelException {
    SelectionKey key;
    try {
      key = channel.register(selector, 0, socket);
    } catch (ClosedSelectorException e) {
      throw closed(e);
    }
    if (closed) {
      throw closed(null);
    }
    return key;
  }

  private static ClosedChannelException closed(@Nullable Throwable cause) {
    ClosedChannelException closed = new ClosedChannelException();
    closed.initCause(cause);
    return closed;
  }

  /** Begins to tell when the socket can do these operations. Does nothing once it is closed. */
  void want(SelectionKey key, int operations) {
    try {
      if ((key.interestOpsOr(operations) & operations) != operations) {
        wake();
      }
    } catch (CancelledKeyException e) {
      log.trace("a connection is cut that was about to wait", e);
    }
  }

  /** Ends to tell of these operations. */
  void forgo(SelectionKey key, int operations) {
    try {
      if ((key.interestOpsAnd(~operations) & operations) != 0) {
        wake();
      }
    } catch (CancelledKeyException e) {
      log.trace("a connection is cut that waits no longer", e);
    }
  }

  /** Closes a socket; the system gives it back when the loop has seen that. */
  void cut(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("a socket could not be closed in order", e);
    }
    wake();
  }

  private void wake() {
    if (Thread.currentThread() != thread) {
      selector.wakeup();
    }
  }

  /** Where frames are for the moment in which they are written. */
  WireBuffers wires() {
    return wires;
  }

  /** How many sockets it waits for. */
  int size() {
    try {
      return selector.keys().size();
    } catch (ClosedSelectorException e) {
      return 0;
    }
  }

  /** Ends the thread, which cuts the connections that it has. Idempotent. */
  @Override
  public void close() {
    closed = true;
    selector.wakeup();
  }
}
