package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.Json;
import java.io.IOException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.glassfish.grizzly.http.server.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answer to one HTTP request, given later and once: JSON, or a problem.
 *
 * <p>Whoever is first decides: what was asked for, or the end of the time. Thread-safe.
 */
final class HttpAnswer {

  private static final Logger log = LoggerFactory.getLogger(HttpAnswer.class);
  private static final long SECONDS = 30;

  private final Response response;
  private final AtomicBoolean given = new AtomicBoolean();

  private HttpAnswer(Response response) {
    this.response = response;
  }

  /** Lets go of the thread; the request has so long to arrive and to be answered. */
  static HttpAnswer later(Response response) {
    HttpAnswer answer = new HttpAnswer(response);
    response.suspend(SECONDS, TimeUnit.SECONDS, null, late -> answer.timeout());
    return answer;
  }

  private boolean timeout() {
    if (!given.compareAndSet(false, true)) {
      return false;
    }
    ChatException problem =
        new ChatException(
            ErrorCode.BAD_REQUEST, "the request did not arrive within " + SECONDS + " seconds");
    try {
      refuse(response, 408, problem);
    } catch (IOException e) {
      log.debug("an answer could not be written, the reader is gone", e);
    }
    return true;
  }

  void give(CompletionStage<Json> stage) {
    stage.whenComplete(
        (json, failure) -> {
          if (!given.compareAndSet(false, true)) {
            return;
          }
          try {
            if (json != null) {
              write(response, 200, "application/json", json.toUtf8());
            } else {
              ChatException problem = ChatException.of(failure);
              if (problem.code() == ErrorCode.INTERNAL) {
                log.error("a request failed; this is a fault", failure);
              }
              fail(response, problem.code().httpStatus(), problem);
            }
          } catch (IOException e) {
            log.debug("an answer could not be written, the reader is gone", e);
          } finally {
            response.resume();
          }
        });
  }

  /** As {@link #fail}, for a request whose body is not waited for. */
  static void refuse(Response response, int status, ChatException problem) throws IOException {
    response.setHeader("Connection", "close");
    fail(response, status, problem);
  }

  static void fail(Response response, int status, ChatException problem) throws IOException {
    Problems.headers(problem, response::setHeader);
    write(response, status, Problems.MEDIA_TYPE, Problems.json(status, problem));
  }

  static void write(Response response, int status, String type, byte[] body) throws IOException {
    response.setStatus(status);
    response.setContentType(type);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  static ChatException notFound() {
    return new ChatException(ErrorCode.NO_SUCH_ROOM, "there is nothing at this address");
  }
}
