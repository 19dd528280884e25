package dev.roomcast.chat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Goes on with what a stage brings: when it is there already, which is nearly always, at once and
 * without a further stage; else when it comes. What comes of it is the same either way.
 *
 * <p>Of a message all is known but for its place in the log. A chain of stages for it runs through
 * much code, which a node with little to do has in no cache. Stateless.
 */
final class AtOnce {

  private AtOnce() {}

  /** As {@link CompletionStage#thenCompose}. */
  static <T extends @Nullable Object, U extends @Nullable Object> CompletionStage<U> then(
      CompletionStage<T> stage, Function<? super T, ? extends CompletionStage<U>> next) {
    CompletableFuture<T> known = known(stage);
    if (known == null || known.isCompletedExceptionally()) {
      return stage.thenCompose(next);
    }
    try {
      return next.apply(known.join());
    } catch (Throwable e) { // as a stage would
      return CompletableFuture.failedFuture(e);
    }
  }

  /** As {@link CompletionStage#whenComplete}, for an action that does not throw. */
  static <T extends @Nullable Object> CompletionStage<T> tell(
      CompletionStage<T> stage, BiConsumer<? super T, ? super @Nullable Throwable> action) {
    CompletableFuture<T> known = known(stage);
    if (known == null || known.isCompletedExceptionally()) {
      return stage.whenComplete(action);
    }
    action.accept(known.join(), null);
    return stage;
  }

  /** As {@link CompletionStage#handle}; what it returns ends after the action. */
  static <T extends @Nullable Object> CompletionStage<@Nullable Void> handle(
      CompletionStage<T> stage,
      BiConsumer<? super @Nullable T, ? super @Nullable Throwable> action) {
    CompletableFuture<T> known = known(stage);
    if (known == null || known.isCompletedExceptionally()) {
      return stage.handle(
          (value, failure) -> {
            action.accept(value, failure);
            return null;
          });
    }
    try {
      action.accept(known.join(), null);
      return CompletableFuture.completedFuture(null);
    } catch (Throwable e) { // as a stage would
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Whether it has ended, one way or the other. */
  static boolean has(CompletionStage<?> stage) {
    return known(stage) != null;
  }

  private static <T extends @Nullable Object> @Nullable CompletableFuture<T> known(
      CompletionStage<T> stage) {
    // Asked for itself, as a stage that may not be completed is one in name only.
    CompletableFuture<T> future =
        stage instanceof CompletableFuture<T> its ? its.toCompletableFuture() : null;
    return future != null && future.isDone() ? future : null;
  }
}
