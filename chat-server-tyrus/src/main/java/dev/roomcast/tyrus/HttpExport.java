package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.RoomExport;
import java.io.IOException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.glassfish.grizzly.WriteHandler;
import org.glassfish.grizzly.http.io.NIOOutputStream;
import org.glassfish.grizzly.http.server.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams a room's log: the next piece is read when the one before has gone out, so that a slow
 * reader holds one piece and no thread.
 *
 * <p>One step follows another; confined to the step that runs.
 */
final class HttpExport implements WriteHandler {

  private static final Logger log = LoggerFactory.getLogger(HttpExport.class);

  private static final long MINUTES = 10;

  /** While more waits to be written no other piece is read. */
  private static final int WAITING_BYTES = 64 << 10;

  private final Response response;
  private final NIOOutputStream out;
  private @Nullable RoomExport export;

  private HttpExport(Response response) {
    this.response = response;
    this.out = response.getNIOOutputStream();
  }

  /** Answers with what is exported, or with the problem. */
  static void stream(Response response, CompletionStage<RoomExport> stage) {
    HttpExport answer = new HttpExport(response);
    response.suspend(MINUTES, TimeUnit.MINUTES, null, late -> answer.late());
    stage.whenComplete(
        (export, failure) -> {
          if (export == null) {
            answer.refuse(ChatException.of(failure));
          } else {
            answer.export = export;
            answer.start();
          }
        });
  }

  /** A reader that takes so long holds a connection for nothing. */
  private boolean late() {
    response.getRequest().getRequest().getConnection().terminateSilently();
    return true;
  }

  private void refuse(ChatException problem) {
    try {
      HttpAnswer.fail(response, problem.code().httpStatus(), problem);
    } catch (IOException e) {
      log.debug("an answer could not be written, the reader is gone", e);
    } finally {
      response.resume();
    }
  }

  private void start() {
    // Otherwise Grizzly takes pieces until there are several times what the kernel holds.
    response.getRequest().getRequest().getConnection().setMaxAsyncWriteQueueSize(WAITING_BYTES);
    response.setStatus(200);
    response.setContentType("application/x-ndjson");
    out.notifyCanWrite(this);
  }

  @Override
  public void onWritePossible() {
    RoomExport pieces = export;
    if (pieces != null) {
      pieces.next().whenComplete(this::write);
    }
  }

  private void write(byte @Nullable [] piece, @Nullable Throwable failure) {
    try {
      if (piece == null) {
        cut(failure);
      } else if (piece.length == 0) {
        out.close();
        response.resume();
      } else {
        out.write(piece);
        out.flush();
        out.notifyCanWrite(this);
      }
    } catch (IOException e) {
      onError(e);
    }
  }

  /** What the reader has is not all: it must not look like the end. */
  private void cut(@Nullable Throwable failure) {
    log.debug("an export could not be finished", failure);
    response.getRequest().getRequest().getConnection().terminateSilently();
    response.resume();
  }

  @Override
  public void onError(Throwable failure) {
    log.debug("the reader of an export is gone", failure);
    response.resume();
  }
}
