package dev.roomcast.chat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The turns in which the commands of one session go on, in the order sent, and how each ends: with
 * its reply, or with why it was refused.
 *
 * <p>{@code turn} ends when all before have gone on. Confined to the session's {@link
 * CommandExecutor}.
 */
final class CommandTurns {

  private static final Logger log = LoggerFactory.getLogger(CommandTurns.class);

  private final ChatNode node;
  private final ClientSession session;
  private CompletionStage<@Nullable Void> turn = CompletableFuture.completedFuture(null);

  CommandTurns(ChatNode node, ClientSession session) {
    this.node = node;
    this.session = session;
  }

  /**
   * Goes on when everything before has gone on and the stage has ended, which is begun only then.
   * When both is so already, it does at once.
   */
  <T extends @Nullable Object> void inTurn(
      Command command,
      CommandLine.Slot slot,
      Supplier<CompletionStage<T>> stage,
      Consumer<T> then) {
    CompletionStage<@Nullable Void> next =
        AtOnce.then(
            turn,
            before ->
                AtOnce.handle(
                    stage.get(),
                    (value, failure) -> {
                      if (failure != null) {
                        refuse(command, slot, failure);
                      } else {
                        run(command, slot, value, then);
                      }
                    }));
    if (!isFree() || !AtOnce.has(next)) {
      turn = next; // else it is over like the one before it
    }
  }

  private <T extends @Nullable Object> void run(
      Command command, CommandLine.Slot slot, T value, Consumer<T> then) {
    try {
      then.accept(value);
    } catch (RuntimeException | Error e) {
      refuse(command, slot, e);
    }
  }

  /** Whether everything before has gone on. */
  boolean isFree() {
    return AtOnce.has(turn);
  }

  /**
   * Answers when the stage has ended; what is much to write is written on the node's own threads.
   */
  <T extends @Nullable Object> void finish(
      Command command, CommandLine.Slot slot, CompletionStage<T> stage, Reply<T> reply) {
    AtOnce.tell(
        stage,
        (value, failure) -> {
          if (failure != null) {
            refuse(command, slot, failure);
            return;
          }
          if (command.weight() > 1) {
            node.readLane().execute(() -> answer(command, slot, value, reply));
          } else {
            answer(command, slot, value, reply);
          }
        });
  }

  private <T extends @Nullable Object> void answer(
      Command command, CommandLine.Slot slot, T value, Reply<T> reply) {
    Frame frame;
    try {
      frame = reply.of(value);
    } catch (RuntimeException | Error e) {
      refuse(command, slot, e);
      return;
    }
    slot.done(frame);
  }

  /** Makes a command's reply of what came of it; null when there is none. */
  interface Reply<T extends @Nullable Object> {
    @Nullable Frame of(T value);
  }

  /** Answers that a command was not done. */
  void refuse(Command command, CommandLine.Slot slot, Throwable failure) {
    ChatException problem = ChatException.of(failure);
    if (problem.code() == ErrorCode.INTERNAL) {
      log.error("a command of session {} failed; this is a fault", session.id(), failure);
    }
    slot.done(Frame.single(FrameWriter.error(command.id(), problem)));
  }
}
