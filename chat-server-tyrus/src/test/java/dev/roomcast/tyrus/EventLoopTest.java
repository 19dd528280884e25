package dev.roomcast.tyrus;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.BackendListener;
import dev.roomcast.chat.Broker;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ClientSession;
import dev.roomcast.chat.CloseCode;
import dev.roomcast.chat.ConnectRequest;
import dev.roomcast.chat.Frame;
import dev.roomcast.chat.Limits;
import dev.roomcast.chat.RoomManager;
import dev.roomcast.chat.StateStore;
import dev.roomcast.chat.Transport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Event loops with sockets whose other ends are held here. */
@Timeout(60)
class EventLoopTest {

  private final Faulty backend = new Faulty(Backend.inMemory(), new AtomicInteger());
  private final ChatNode chat = ChatNode.builder(backend).start();
  private final List<SocketChannel> clients = new ArrayList<>();
  private ServerSocketChannel server;
  private EventLoops loops;

  @BeforeEach
  void listen() throws IOException {
    server =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    loops = new EventLoops(chat, 2);
  }

  @AfterEach
  void end() throws IOException {
    loops.close();
    server.close();
    for (SocketChannel client : clients) {
      client.close();
    }
    chat.close();
    backend.close();
  }

  /** A backend for which reading is a fault as often as it is told. */
  private record Faulty(Backend sound, AtomicInteger faults) implements Backend {
    @Override
    public void start(String node, Limits limits, BackendListener listener) {
      sound.start(node, limits, listener);
    }

    @Override
    public Broker broker() {
      return sound.broker();
    }

    @Override
    public RoomManager rooms() {
      return sound.rooms();
    }

    @Override
    public StateStore state() {
      return sound.state();
    }

    @Override
    public void whileReading(Runnable read) {
      if (faults.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        throw new StackOverflowError("for the test");
      }
      sound.whileReading(read);
    }

    @Override
    public String description() {
      return sound.description();
    }

    @Override
    public void close() {
      sound.close();
    }
  }

  /** What a socket is asked to read, counted. */
  private static final class Counted implements SocketBytes {
    private final SocketChannel socket;
    private final AtomicInteger reads = new AtomicInteger();
    private final Runnable then;

    Counted(SocketChannel socket, Runnable then) {
      this.socket = socket;
      this.then = then;
    }

    @Override
    public boolean read(ByteBuffer lent, Consumer<ByteBuffer> to) throws IOException {
      int count = socket.read(lent);
      then.run(); // after the read, for the end of a socket with unread bytes is a reset
      reads.addAndGet(Math.max(0, count));
      return count >= 0;
    }

    @Override
    public boolean write(ByteBuffer bytes) throws IOException {
      socket.write(bytes);
      return !bytes.hasRemaining();
    }

    @Override
    public void end() {}
  }

  private SocketChannel accept() throws IOException {
    clients.add(SocketChannel.open(server.getLocalAddress()));
    SocketChannel accepted = server.accept();
    accepted.configureBlocking(false);
    return accepted;
  }

  private SocketConnection connection(EventLoop loop, SocketChannel socket, SocketBytes bytes)
      throws IOException {
    return new SocketConnection(loop, socket, bytes, 1_024, null);
  }

  private static void write(SocketChannel client) throws IOException {
    client.write(ByteBuffer.wrap(new byte[] {1}));
  }

  private static int read(SocketChannel client) throws IOException {
    return client.read(ByteBuffer.allocate(1));
  }

  @Test
  void connectionsGoToTheLoopWithTheFewest() throws IOException {
    List<EventLoop> chosen = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      EventLoop loop = loops.next();
      SocketChannel socket = accept();
      connection(loop, socket, new PlainBytes(socket));
      chosen.add(loop);
    }
    assertEquals(2, chosen.stream().distinct().count());
    for (EventLoop loop : chosen) {
      assertEquals(5, loop.size());
    }
  }

  @Test
  void nothingIsReadBeforeItIsWanted() throws IOException {
    EventLoop loop = loops.next();
    SocketChannel socket = accept();
    Counted bytes = new Counted(socket, () -> {});
    SelectionKey key = loop.add(socket, connection(loop, socket, bytes));
    write(clients.get(0));
    assertEquals(0, key.interestOps());
    loop.want(key, SelectionKey.OP_READ);
    await().until(() -> bytes.reads.get() == 1);
    loop.forgo(key, SelectionKey.OP_READ);
    assertEquals(0, key.interestOps());
  }

  /** Takes three bytes, then none until it is full no more, then all. */
  private static final class Full implements SocketBytes {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private volatile boolean full;

    @Override
    public boolean read(ByteBuffer lent, Consumer<ByteBuffer> to) {
      return true;
    }

    @Override
    public synchronized boolean write(ByteBuffer bytes) {
      int most = full ? 0 : taken.size() == 0 ? 3 : bytes.remaining();
      full |= taken.size() == 0;
      byte[] some = new byte[Math.min(most, bytes.remaining())];
      bytes.get(some);
      taken.writeBytes(some);
      return !bytes.hasRemaining();
    }

    synchronized byte[] taken() {
      return taken.toByteArray();
    }

    @Override
    public void end() {}
  }

  /** What a new client is told first. */
  private Frame welcome(String name) {
    AtomicReference<Frame> told = new AtomicReference<>();
    ConnectRequest request = ConnectRequest.of(Map.of("name", name), null, null, "127.0.0.1");
    ClientSession session =
        chat.connect(
            chat.admit(request).toCompletableFuture().join(),
            new Transport() {
              @Override
              public boolean write(Frame frame, WriteListener done) {
                told.compareAndSet(null, frame);
                return true;
              }

              @Override
              public void ping() {}

              @Override
              public void close(int code, String reason) {}

              @Override
              public void abort() {}

              @Override
              public void reading(boolean on) {}
            });
    Frame welcome = await().until(told::get, Objects::nonNull);
    session.closed(CloseCode.NORMAL.code());
    return welcome;
  }

  @Test
  void aFullSocketGetsTheRestOfItsFrame() throws IOException {
    Frame first = welcome("first");
    assertRestIsWritten(null, first, first.wire());
  }

  @Test
  void aFullSocketGetsTheRestOfACompressedFrame() throws IOException {
    PerMessageDeflate deflate = new PerMessageDeflate();
    Frame first = welcome("first");
    ByteBuffer packed = first.wire(deflate);
    assertTrue(packed.remaining() < first.size());
    assertRestIsWritten(deflate, first, packed);
  }

  /** The thread has written another frame before there is room, in the memory of the first. */
  private void assertRestIsWritten(
      @Nullable PerMessageDeflate deflate, Frame first, ByteBuffer expected) throws IOException {
    Full bytes = new Full();
    SocketConnection slow = new SocketConnection(loops.next(), accept(), bytes, 1_024, deflate);
    SocketChannel socket = accept();
    SocketConnection fast = connection(loops.next(), socket, new PlainBytes(socket));
    AtomicInteger told = new AtomicInteger();
    assertFalse(slow.write(first, ok -> told.addAndGet(ok ? 1 : 100)));
    assertTrue(fast.write(welcome("second"), ok -> told.addAndGet(100)));
    bytes.full = false;
    await().until(() -> told.get() == 1);
    assertEquals(expected, ByteBuffer.wrap(bytes.taken()));
  }

  /** As those that the connection itself makes. */
  @Test
  void aFullSocketGetsTheRestOfBytesThatAreNobodysElse() throws IOException {
    Full bytes = new Full();
    byte[] head = "HTTP/1.1 101".getBytes(StandardCharsets.US_ASCII);
    connection(loops.next(), accept(), bytes).answer(head);
    assertEquals(3, bytes.taken().length);
    bytes.full = false;
    await().untilAsserted(() -> assertArrayEquals(head, bytes.taken()));
  }

  /** What it reads shows in the number; that nobody need wait for it is its contract. */
  @Test
  void whoLooksAheadReadsUpToTheSocket() throws IOException {
    SocketChannel socket = accept();
    SocketConnection connection = connection(loops.next(), socket, new PlainBytes(socket));
    int open = connection.lookAhead();
    socket.close();
    assertEquals(1, open - connection.lookAhead());
  }

  /** Which is an error, not an exception, for both must be held off. */
  @Test
  void aFaultCutsOneConnectionAndTheOthersGoOn() throws IOException {
    EventLoop loop = loops.next();
    SocketChannel faulty = accept();
    SocketConnection first =
        connection(
            loop,
            faulty,
            new Counted(
                faulty,
                () -> {
                  throw new StackOverflowError("for the test");
                }));
    SocketChannel sound = accept();
    Counted bytes = new Counted(sound, () -> {});
    SocketConnection second = connection(loop, sound, bytes);
    loop.want(loop.add(faulty, first), SelectionKey.OP_READ);
    loop.want(loop.add(sound, second), SelectionKey.OP_READ);
    write(clients.get(0));
    assertEquals(-1, read(clients.get(0)));
    write(clients.get(1));
    await().until(() -> bytes.reads.get() == 1);
  }

  @Test
  void aFaultOfNoConnectionEndsNoLoop() throws IOException {
    backend.faults().set(2);
    EventLoop loop = loops.next();
    SocketChannel socket = accept();
    Counted bytes = new Counted(socket, () -> {});
    SocketConnection connection = connection(loop, socket, bytes);
    loop.want(loop.add(socket, connection), SelectionKey.OP_READ);
    write(clients.get(0));
    await().until(() -> bytes.reads.get() == 1);
    assertEquals(0, backend.faults().get());
  }

  @Test
  void whatIsCutFromAnotherThreadIsGivenBackWhileNothingElseHappens() throws IOException {
    EventLoop loop = loops.next();
    SocketChannel socket = accept();
    connection(loop, socket, new PlainBytes(socket)).cut();
    assertEquals(-1, read(clients.get(0)));
    await().until(() -> loop.size() == 0);
  }

  @Test
  void closingCutsAllAndTakesNoMore() throws IOException {
    for (int i = 0; i < 4; i++) {
      SocketChannel socket = accept();
      connection(loops.next(), socket, new PlainBytes(socket));
    }
    EventLoop loop = loops.next();
    loops.close();
    for (SocketChannel client : clients) {
      assertEquals(-1, read(client));
    }
    SocketChannel late = accept();
    assertThrows(ClosedChannelException.class, () -> connection(loop, late, new PlainBytes(late)));
    await().until(() -> loop.size() == 0);
    assertTrue(late.isOpen());
    late.close();
  }
}
