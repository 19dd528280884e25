package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.Random;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection's bytes in TLS, however they are cut, between two engines without a network. */
class TlsBytesTest {

  private final LentBuffers buffers = new LentBuffers();
  private final Cable toServer = new Cable();
  private final Cable toClient = new Cable();
  private final SSLEngine client = TestTls.client().createSSLEngine("localhost", 1);
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();

  /** One end of a connection: what is written to it is read from it. */
  private static final class Cable implements ByteChannel {
    private final ByteArrayOutputStream onTheWay = new ByteArrayOutputStream();
    private int takes = Integer.MAX_VALUE;
    private int gives = Integer.MAX_VALUE;
    private int writes;

    @Override
    public int write(ByteBuffer from) {
      writes++;
      byte[] some = new byte[Math.min(takes, from.remaining())];
      from.get(some);
      onTheWay.writeBytes(some);
      return some.length;
    }

    @Override
    public int read(ByteBuffer to) {
      byte[] all = onTheWay.toByteArray();
      int some = Math.min(gives, Math.min(to.remaining(), all.length));
      to.put(all, 0, some);
      onTheWay.reset();
      onTheWay.write(all, some, all.length - some);
      return some;
    }

    boolean isEmpty() {
      return onTheWay.size() == 0;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  /** A connection's two directions as one channel. */
  private record Ends(Cable in, Cable out) implements ByteChannel {
    @Override
    public int read(ByteBuffer to) {
      return in.read(to);
    }

    @Override
    public int write(ByteBuffer from) {
      return out.write(from);
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private SSLEngine shakeHands(String protocol) throws IOException {
    SSLEngine server = TestTls.files().engine();
    client.setUseClientMode(true);
    client.setEnabledProtocols(new String[] {protocol});
    ByteBuffer toServer = ByteBuffer.allocate(64 << 10);
    ByteBuffer toClient = ByteBuffer.allocate(64 << 10);
    ByteBuffer nothing = ByteBuffer.allocate(0);
    ByteBuffer in = ByteBuffer.allocate(32 << 10);
    client.beginHandshake();
    server.beginHandshake();
    for (int i = 0; i < 50; i++) {
      step(client, nothing, toServer, toClient, in);
      step(server, nothing, toClient, toServer, in);
    }
    assertEquals(HandshakeStatus.NOT_HANDSHAKING, client.getHandshakeStatus());
    assertEquals(HandshakeStatus.NOT_HANDSHAKING, server.getHandshakeStatus());
    return server;
  }

  private static void step(
      SSLEngine engine, ByteBuffer nothing, ByteBuffer out, ByteBuffer in, ByteBuffer plain)
      throws SSLException {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
    if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      engine.wrap(nothing, out);
    } else {
      engine.unwrap(in.flip(), plain);
      in.compact();
    }
  }

  private void readAll(TlsBytes from, Cable cable) throws IOException {
    while (!cable.isEmpty()) {
      ByteBuffer lent = buffers.lend();
      assertTrue(from.read(lent, this::take));
      buffers.giveBack(lent);
    }
  }

  private void take(ByteBuffer plain) {
    byte[] some = new byte[plain.remaining()];
    plain.get(some);
    received.writeBytes(some);
  }

  private TlsBytes clientSide() {
    return new TlsBytes(new Ends(toClient, toServer), client, buffers);
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 100, 16_400, 1 << 20})
  void whatIsCutAnywhereArrivesWhole(int pieces) throws IOException {
    SSLEngine engine = shakeHands("TLSv1.3");
    TlsBytes server = new TlsBytes(new Ends(toServer, toClient), engine, buffers);
    toServer.gives = pieces;
    byte[] sent = bytes(pieces < 100 ? 2_000 : 300_000);
    TlsBytes from = clientSide();
    assertTrue(from.write(ByteBuffer.wrap(sent)));
    readAll(server, toServer);
    assertArrayEquals(sent, received.toByteArray());
  }

  @Test
  void whatTheSocketDoesNotTakeIsWrittenLaterAndInOrder() throws IOException {
    SSLEngine engine = shakeHands("TLSv1.3");
    TlsBytes server = new TlsBytes(new Ends(toServer, toClient), engine, buffers);
    byte[] sent = bytes(200_000);
    ByteBuffer first = ByteBuffer.wrap(sent, 0, 150_000);
    toClient.takes = 10_000;
    int calls = 1;
    for (; !server.write(first); calls++) {
      assertTrue(calls < 100);
    }
    assertTrue(calls > 10);
    toClient.takes = Integer.MAX_VALUE;
    assertTrue(server.write(ByteBuffer.wrap(sent, 150_000, 50_000)));
    readAll(clientSide(), toClient);
    assertArrayEquals(sent, received.toByteArray());
  }

  @Test
  void whatIsGivenAtOnceLeavesInOneCall() throws IOException {
    SSLEngine engine = shakeHands("TLSv1.3");
    TlsBytes server = new TlsBytes(new Ends(toServer, toClient), engine, buffers);
    assertTrue(server.write(ByteBuffer.wrap(bytes(40_000))));
    assertEquals(1, toClient.writes);
  }

  @Test
  void anEndIsNoticed() throws IOException {
    SSLEngine engine = shakeHands("TLSv1.3");
    TlsBytes server = new TlsBytes(new Ends(toServer, toClient), engine, buffers);
    clientSide().end();
    ByteBuffer lent = buffers.lend();
    assertFalse(server.read(lent, this::take));
  }

  @Test
  void newKeysOfTls13AreTaken() throws IOException {
    SSLEngine engine = shakeHands("TLSv1.3");
    TlsBytes server = new TlsBytes(new Ends(toServer, toClient), engine, buffers);
    TlsBytes from = clientSide();
    for (int i = 0; i < 3; i++) {
      client.beginHandshake(); // in TLS 1.3 that is a change of keys
      assertTrue(from.write(ByteBuffer.wrap(new byte[] {(byte) i})));
      readAll(server, toServer);
      assertTrue(server.write(ByteBuffer.wrap(new byte[] {(byte) (10 + i)})));
      readAll(from, toClient);
    }
    assertArrayEquals(new byte[] {0, 10, 1, 11, 2, 12}, received.toByteArray());
  }

  @Test
  void aSecondHandshakeIsRefused() throws IOException {
    SSLEngine engine = shakeHands("TLSv1.2");
    TlsBytes server = new TlsBytes(new Ends(toServer, toClient), engine, buffers);
    client.beginHandshake();
    ByteBuffer hello = ByteBuffer.allocate(32 << 10);
    client.wrap(ByteBuffer.allocate(0), hello);
    toServer.write(hello.flip());
    assertThrows(SSLException.class, () -> readAll(server, toServer));
  }
}
