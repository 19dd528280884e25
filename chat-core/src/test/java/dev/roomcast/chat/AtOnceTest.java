package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AtOnceTest {

  private final List<String> told = new ArrayList<>();

  private static String end(CompletionStage<?> stage) {
    List<String> ends = new ArrayList<>();
    stage.whenComplete(
        (value, failure) ->
            ends.add(failure == null ? "has " + value : ChatException.of(failure).toString()));
    return ends.toString();
  }

  private void note(@Nullable Object value, @Nullable Throwable failure) {
    told.add(failure == null ? "has " + value : ChatException.of(failure).toString());
  }

  private static CompletionStage<String> next(String value) {
    if (value.equals("bad")) {
      throw new ChatException(ErrorCode.FORBIDDEN, "thrown");
    }
    return CompletableFuture.completedFuture(value + "!");
  }

  /** What comes of a stage must not depend on when it ended, nor on who goes on with it. */
  private void sameAs(
      Consumer<CompletableFuture<String>> ends,
      String then,
      String tell,
      String handle,
      String said) {
    for (boolean before : new boolean[] {true, false}) {
      told.clear();
      CompletableFuture<String> stage = new CompletableFuture<>();
      if (before) {
        ends.accept(stage);
      }
      CompletionStage<String> thenAgain = AtOnce.then(stage, AtOnceTest::next);
      CompletionStage<String> toldAgain = AtOnce.tell(stage, this::note);
      CompletionStage<?> handled = AtOnce.handle(stage, this::note);
      if (!before) {
        assertFalse(AtOnce.has(stage));
        assertEquals("[]", end(thenAgain) + told.stream().reduce("", String::concat));
        ends.accept(stage);
      }
      assertTrue(AtOnce.has(stage));
      assertEquals(then, end(thenAgain));
      assertEquals(tell, end(toldAgain));
      assertEquals(handle, end(handled));
      assertEquals(List.of(said, said), told);
    }
  }

  @Test
  void aValueIsTheSameWhetherItIsThereOrComes() {
    sameAs(stage -> stage.complete("good"), "[has good!]", "[has good]", "[has null]", "has good");
  }

  @Test
  void aFailureIsTheSameWhetherItIsThereOrComes() {
    ChatException failure = new ChatException(ErrorCode.MUTED, "failed");
    String text = failure.toString();
    sameAs(
        stage -> stage.completeExceptionally(failure),
        "[" + text + "]",
        "[" + text + "]",
        "[has null]",
        text);
  }

  @Test
  void whatIsThrownIsTheSameWhetherTheValueIsThereOrComes() {
    String text = new ChatException(ErrorCode.FORBIDDEN, "thrown").toString();
    sameAs(stage -> stage.complete("bad"), "[" + text + "]", "[has bad]", "[has null]", "has bad");
  }

  @Test
  void whatIsThereNeedsNoFurtherStage() {
    CompletableFuture<String> stage = CompletableFuture.completedFuture("there");
    assertSame(stage, AtOnce.then(CompletableFuture.completedFuture(1), one -> stage));
    assertSame(stage, AtOnce.tell(stage, this::note));
    CompletableFuture<String> later = new CompletableFuture<>();
    AtOnce.then(stage, value -> later);
    assertEquals(0, stage.getNumberOfDependents());
  }

  @Test
  void anActionThatFailsIsTheEndOfItsOwnStageOnly() {
    CompletionStage<?> handled =
        AtOnce.handle(
            CompletableFuture.completedFuture("there"),
            (value, failure) -> {
              throw new IllegalStateException("thrown");
            });
    assertTrue(end(handled).contains("internal error"));
  }

  /** Of which {@code isDone} throws. */
  @Test
  void aStageThatMayNotBeCompletedIsGoneOnWith() {
    CompletionStage<String> minimal = CompletableFuture.completedStage("good");
    assertEquals("[has good!]", end(AtOnce.then(minimal, AtOnceTest::next)));
    assertTrue(AtOnce.has(minimal));
  }
}
