package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.glassfish.grizzly.ReadHandler;
import org.glassfish.grizzly.http.HttpRequestPacket;
import org.glassfish.grizzly.http.io.NIOInputStream;
import org.glassfish.grizzly.http.server.Request;

/**
 * Gathers the body of a request as it arrives, up to a bound: no thread waits for a slow sender.
 *
 * <p>Grizzly calls it, one at a time.
 */
final class HttpBody implements ReadHandler {

  private final HttpRequestPacket packet;
  private final NIOInputStream in;
  private final int maxBytes;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CompletableFuture<String> text = new CompletableFuture<>();

  private HttpBody(Request request, int maxBytes) {
    packet = request.getRequest();
    in = request.getNIOInputStream();
    this.maxBytes = maxBytes;
  }

  /** Ends exceptionally with {@code too_large} above the bound, {@code bad_json} if not UTF-8. */
  static CompletionStage<String> read(Request request, int maxBytes) {
    HttpBody body = new HttpBody(request, maxBytes);
    if (request.getContentLengthLong() > maxBytes) {
      body.tooLarge();
    } else {
      body.in.notifyAvailable(body);
    }
    return body.text;
  }

  /**
   * Asks for more only where more is to come. Asking has the connection read from, and what it read
   * before the next request asked for its own body would be in that one's way: Grizzly forgets
   * whose it is, and that it was the last of it.
   */
  @Override
  public void onDataAvailable() throws IOException {
    if (take() && packet.isExpectContent()) {
      in.notifyAvailable(this);
    }
  }

  @Override
  public void onAllDataRead() throws IOException {
    if (!take()) {
      return;
    }
    try {
      text.complete(
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes.toByteArray()))
              .toString());
    } catch (CharacterCodingException e) {
      text.completeExceptionally(new ChatException(ErrorCode.BAD_JSON, "the body is not UTF-8", e));
    }
  }

  private boolean take() throws IOException {
    byte[] some = new byte[in.readyData()];
    int count = in.read(some);
    if (count > 0) {
      bytes.write(some, 0, count);
    }
    if (bytes.size() > maxBytes) {
      tooLarge();
      return false;
    }
    return true;
  }

  private void tooLarge() {
    text.completeExceptionally(
        new ChatException(
            ErrorCode.TOO_LARGE, "the body: at most " + maxBytes + " bytes expected"));
  }

  @Override
  public void onError(Throwable failure) {
    text.completeExceptionally(
        new ChatException(ErrorCode.BAD_REQUEST, "the body did not arrive whole", failure));
  }
}
