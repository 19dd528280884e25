package dev.roomcast.tyrus;

import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A container's sending side that tells of a result before a send returns, or holds it.
 * Thread-safe.
 */
final class FakeRemote implements RemoteEndpoint.Async {

  private final List<String> texts = new ArrayList<>();
  private boolean holding;
  private boolean failing;
  private @Nullable SendHandler held;
  private int depth;
  private int deepest;
  private long sendTimeout;

  static SendResult ok() {
    return new SendResult((Session) null);
  }

  static SendResult failed(String why) {
    return new SendResult((Session) null, new IOException(why));
  }

  @Override
  public void sendText(String text, SendHandler handler) {
    synchronized (this) {
      if (failing) {
        throw new IllegalStateException("closed");
      }
      texts.add(text);
      if (holding) {
        held = handler;
        return;
      }
      depth++;
      deepest = Math.max(deepest, depth);
    }
    handler.onResult(ok());
    synchronized (this) {
      depth--;
    }
  }

  synchronized void hold() {
    holding = true;
  }

  synchronized void fail() {
    failing = true;
  }

  /** Ends the send that is held. */
  SendHandler release(SendResult result) {
    SendHandler handler;
    synchronized (this) {
      holding = false;
      handler = Objects.requireNonNull(held);
    }
    handler.onResult(result);
    return handler;
  }

  synchronized int deepest() {
    return deepest;
  }

  synchronized long sent(String type) {
    return texts.stream().filter(text -> text.startsWith("{\"type\":\"" + type + "\"")).count();
  }

  synchronized List<Long> offsets() {
    return WebSocketClient.offsets(texts);
  }

  @Override
  public long getSendTimeout() {
    return sendTimeout;
  }

  @Override
  public void setSendTimeout(long millis) {
    sendTimeout = millis;
  }

  @Override
  public void sendPing(ByteBuffer data) {}

  @Override
  public Future<Void> sendText(String text) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Void> sendBinary(ByteBuffer data) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void sendBinary(ByteBuffer data, SendHandler handler) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Void> sendObject(Object data) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void sendObject(Object data, SendHandler handler) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void setBatchingAllowed(boolean allowed) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean getBatchingAllowed() {
    return false;
  }

  @Override
  public void flushBatch() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void sendPong(ByteBuffer data) {
    throw new UnsupportedOperationException();
  }
}
