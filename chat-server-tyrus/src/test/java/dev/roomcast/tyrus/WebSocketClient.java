package dev.roomcast.tyrus;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A WebSocket client of the JDK, which knows nothing of Roomcast. Thread-safe. */
final class WebSocketClient implements WebSocket.Listener {

  final List<String> frames = new CopyOnWriteArrayList<>();
  final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final StringBuilder part = new StringBuilder();
  private final WebSocket socket;

  WebSocketClient(String url, String... headers) {
    HttpClient.Builder client = HttpClient.newBuilder();
    if (url.startsWith("https")) {
      client.sslContext(TestTls.client());
    }
    WebSocket.Builder builder = client.build().newWebSocketBuilder();
    for (int i = 0; i < headers.length; i += 2) {
      builder.header(headers[i], headers[i + 1]);
    }
    socket = builder.buildAsync(URI.create(url.replaceFirst("^http", "ws")), this).join();
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
    part.append(text);
    if (last) {
      frames.add(part.toString());
      part.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable failure) {
    closed.complete(1006);
  }

  void send(String frame) {
    socket.sendText(frame.replace('\'', '"'), true).join();
  }

  void sendBinary() {
    socket.sendBinary(ByteBuffer.wrap(new byte[] {1}), true).join();
  }

  /** Waits for a frame that has all these parts, and returns it. */
  String await(String... parts) {
    return await()
        .until(
            () ->
                frames.stream()
                    .filter(frame -> List.of(parts).stream().allMatch(frame::contains))
                    .findFirst()
                    .orElse(""),
            frame -> !frame.isEmpty());
  }

  /** The offsets of the logged frames, in the order they came. */
  List<Long> offsets() {
    return offsets(frames);
  }

  static List<Long> offsets(List<String> frames) {
    return frames.stream()
        .filter(
            frame ->
                frame.startsWith("{\"type\":\"message\"")
                    || frame.startsWith("{\"type\":\"event\""))
        .map(frame -> Long.valueOf(frame.replaceFirst("(?s).*\"offset\":(\\d+),.*", "$1")))
        .toList();
  }

  private static org.awaitility.core.ConditionFactory await() {
    return org.awaitility.Awaitility.await();
  }
}
