package dev.roomcast.tyrus;

import dev.roomcast.chat.Admission;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ErrorCode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lets upgrade requests in: first the host and the page's origin, then the node's word. Immutable.
 */
final class Gate {

  /** As long as this a container's thread waits for the application's hooks. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ChatNode chat;
  private final HttpRequests requests;

  Gate(ChatNode chat, HttpRequests requests) {
    this.chat = chat;
    this.requests = requests;
  }

  /** Ends exceptionally with a {@link ChatException} whose HTTP status is the answer. */
  CompletionStage<Admission> admit(RequestView request) {
    try {
      requests.checkHost(request);
      requests.checkOrigin(request);
      return chat.admit(requests.connectRequest(request));
    } catch (ChatException e) {
      chat.refused(request.remoteAddress(), e);
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * The same for containers that want the answer on the thread that asks. Blocks for the
   * application's hooks, but not for long.
   */
  Admission await(RequestView request) {
    try {
      return admit(request).toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw ChatException.of(e);
    } catch (TimeoutException e) {
      throw new ChatException(ErrorCode.UNAVAILABLE, "the server takes too long to decide", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ChatException(ErrorCode.UNAVAILABLE, "the server is going away", e);
    }
  }
}
