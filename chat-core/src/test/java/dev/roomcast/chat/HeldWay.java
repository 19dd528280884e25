package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A way to a backend on which a test holds answers back, or refuses calls. What is held took effect
 * when it was called; only its answer is late. Confined to the test's thread.
 */
final class HeldWay implements FarBackend.Way {

  private final Set<String> holding = new HashSet<>();
  private final Set<String> refusing = new HashSet<>();
  private final List<Runnable> held = new ArrayList<>();
  private final List<String> calls = new ArrayList<>();
  private final List<Publication> unheard = new ArrayList<>();
  private @Nullable BackendListener node;
  private boolean deaf;

  /** From now on answers to these calls wait. */
  void hold(String... names) {
    holding.addAll(List.of(names));
  }

  /** From now on these calls end with {@code unavailable} and have no effect. */
  void refuse(String... names) {
    refusing.addAll(List.of(names));
  }

  /** From now on everything is answered at once; what was held goes first, oldest first. */
  void goOn() {
    holding.clear();
    refusing.clear();
    while (!held.isEmpty()) {
      release(0);
    }
  }

  /** Lets the held answer number {@code index} through, counted from the oldest. */
  void release(int index) {
    held.remove(index).run();
  }

  int held() {
    return held.size();
  }

  /** From now on publications and controls do not arrive; publications are kept for the test. */
  List<Publication> deaf() {
    deaf = true;
    unheard.clear();
    return unheard;
  }

  /** From now on announcements arrive. */
  void hear() {
    deaf = false;
  }

  /** Announces publications once more, in the order given. */
  void announce(List<Publication> publications) {
    publications.forEach(
        publication -> listener().onPublications(publication.room(), List.of(publication)));
  }

  /** The node's own listener. */
  BackendListener listener() {
    return Objects.requireNonNull(node);
  }

  @Override
  public BackendListener listener(BackendListener to) {
    node = to;
    return new Ears(to);
  }

  /** Passes everything on but publications and controls while deaf. */
  private final class Ears implements BackendListener {
    private final BackendListener to;

    Ears(BackendListener to) {
      this.to = to;
    }

    @Override
    public void onPublications(String room, List<Publication> publications) {
      if (deaf) {
        unheard.addAll(publications);
      } else {
        to.onPublications(room, publications);
      }
    }

    @Override
    public void onEphemeral(String room, Json frame) {
      to.onEphemeral(room, frame);
    }

    @Override
    public void onPresence(String room, PresenceChange change) {
      to.onPresence(room, change);
    }

    @Override
    public void onGap(String room) {
      to.onGap(room);
    }

    @Override
    public void onControl(Json control) {
      if (!deaf) {
        to.onControl(control);
      }
    }
  }

  /** How often a call was made. */
  long calls(String name) {
    return calls.stream().filter(name::equals).count();
  }

  @Override
  public <T extends @Nullable Object> CompletionStage<T> go(
      String call, String subject, Supplier<CompletionStage<T>> operation) {
    calls.add(call);
    if (refusing.contains(call)) {
      return CompletableFuture.failedFuture(
          new ChatException(ErrorCode.UNAVAILABLE, "the test refuses to " + call));
    }
    CompletionStage<T> answer = operation.get();
    if (!holding.contains(call)) {
      return answer;
    }
    CompletableFuture<T> late = new CompletableFuture<>();
    held.add(() -> pass(answer, late));
    return late;
  }

  private static <T extends @Nullable Object> void pass(
      CompletionStage<T> answer, CompletableFuture<T> to) {
    answer.whenComplete(
        (value, failure) -> {
          if (failure == null) {
            to.complete(value);
          } else {
            to.completeExceptionally(failure);
          }
        });
  }
}
