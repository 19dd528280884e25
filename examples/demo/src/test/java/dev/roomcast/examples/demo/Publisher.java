package dev.roomcast.examples.demo;

import dev.roomcast.chat.Json;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;

/** Another user, without a browser, who says things. Confined to the test's thread. */
final class Publisher implements AutoCloseable, WebSocket.Listener {

  private final LinkedBlockingQueue<String> frames = new LinkedBlockingQueue<>();
  private final StringBuilder part = new StringBuilder();
  private final Set<String> rooms = new HashSet<>();
  private final WebSocket socket;
  private int nextId = 1;

  Publisher(String url, String name) {
    String address =
        url.replaceFirst("^http", "ws")
            + "/chat?name="
            + URLEncoder.encode(name, StandardCharsets.UTF_8);
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(address), this)
            .join();
  }

  /** Says something and waits until it is logged. */
  void publish(String room, String text) {
    join(room);
    ask("\"type\":\"message\",\"room\":" + quoted(room) + ",\"text\":" + quoted(text), "\"ack\"");
  }

  /** Types something, for as long as the server believes it. */
  void type(String room) {
    join(room);
    send("\"type\":\"typing\",\"active\":true,\"room\":" + quoted(room));
  }

  private void join(String room) {
    if (rooms.add(room)) {
      ask("\"type\":\"join\",\"room\":" + quoted(room), "\"joined\"");
    }
  }

  private void send(String fields) {
    socket.sendText("{" + fields + "}", true).join();
  }

  private void ask(String fields, String type) {
    int id = nextId++;
    send("\"id\":" + id + "," + fields);
    String answer = await("\"re\":" + id + ",");
    Assertions.assertTrue(answer.contains(type), answer);
  }

  /** Waits for a frame with this in it. */
  String await(String text) {
    String frame = "";
    while (!frame.contains(text)) {
      try {
        String next = frames.poll(30, TimeUnit.SECONDS);
        Assertions.assertNotNull(next, "no frame with " + text);
        frame = next;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
    return frame;
  }

  private static String quoted(String text) {
    return Json.value(text).text();
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
  public void close() {
    // Whoever the server has closed has nothing to say any more.
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").exceptionally(closed -> socket).join();
  }
}
