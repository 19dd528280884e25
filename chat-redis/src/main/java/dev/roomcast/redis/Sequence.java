package dev.roomcast.redis;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Has what is done about one thing done one after the other, each when the one before has its
 * answer. In a cluster commands go different ways, and some have to be sent again. Thread-safe.
 */
final class Sequence {

  private final ConcurrentHashMap<String, CompletableFuture<?>> last = new ConcurrentHashMap<>();

  <T> CompletableFuture<T> run(String about, Supplier<CompletableFuture<T>> what) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    CompletableFuture<?> before = last.put(about, over);
    CompletableFuture<T> done =
        before == null
            ? what.get()
            : before.handle((any, failure) -> null).thenCompose(any -> what.get());
    return done.whenComplete(
        (value, failure) -> {
          last.remove(about, over);
          over.complete(null);
        });
  }
}
