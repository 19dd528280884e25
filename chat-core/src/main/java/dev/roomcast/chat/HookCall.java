package dev.roomcast.chat;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of the application's code, and what came of it.
 *
 * <p>{@code thread} and {@code over} are guarded by "this", so that only the thread that is in the
 * call is interrupted, and never while it does something else.
 */
final class HookCall<T extends @Nullable Object> implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(HookCall.class);

  private final String hook;
  private final Supplier<T> code;
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private @Nullable Thread thread;
  private boolean over;

  HookCall(String hook, Supplier<T> code) {
    this.hook = hook;
    this.code = code;
  }

  @Override
  public void run() {
    if (!enter()) {
      return;
    }
    T value = null;
    ChatException failure = null;
    try {
      value = code.get();
    } catch (ChatException e) {
      failure = e;
    } catch (Throwable e) {
      failure = failed(e);
    }
    if (!leave()) {
      return; // what it says now comes too late
    }
    if (failure == null) {
      result.complete(value);
    } else {
      result.completeExceptionally(failure);
    }
  }

  private synchronized boolean enter() {
    thread = Thread.currentThread();
    return !over;
  }

  /** Returns whether anybody waits for the answer still. */
  private synchronized boolean leave() {
    thread = null;
    if (over) {
      Thread.interrupted(); // it was meant for the call, not for what the thread does next
      return false;
    }
    over = true;
    return true;
  }

  private ChatException failed(Throwable cause) {
    if (!isOver()) {
      log.error(
          "the {} failed, which is the application's: the client is told \"internal\". Mend it, or"
              + " have it throw a ChatException that says what is wrong",
          hook,
          cause);
    }
    return new ChatException(ErrorCode.INTERNAL, "internal error", cause);
  }

  private synchronized boolean isOver() {
    return over;
  }

  /** Its time is over: whoever waits is told, and the thread that is in it interrupted. */
  boolean end(ChatException why) {
    synchronized (this) {
      if (over) {
        return false;
      }
      over = true;
      if (thread != null) {
        thread.interrupt();
      }
    }
    result.completeExceptionally(why);
    return true;
  }

  String hook() {
    return hook;
  }

  CompletableFuture<T> result() {
    return result;
  }
}
