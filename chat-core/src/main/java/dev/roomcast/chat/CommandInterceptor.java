package dev.roomcast.chat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sees every command of a client before it takes effect, and may refuse, change or answer it.
 *
 * <pre>{@code
 * CommandInterceptor authenticate =
 *     (command, next) ->
 *         next.proceed(command.with("caller", users.verify(command.string("token"))));
 * CommandInterceptor handle =
 *     (command, next) ->
 *         command.type().equals("echo")
 *             ? CommandInterceptor.Result.reply(Json.of("type", "echo", "to", command.attribute("caller")))
 *             : next.proceed(command);
 * CommandInterceptor chain = CommandInterceptor.chain(authenticate, handle);
 * }</pre>
 *
 * <p>Also commands of types that the protocol does not know come here, so that an application can
 * have its own. Called on the application's executor, so it may block; the session's following
 * commands wait. A {@link ChatException} is the answer of the client; anything else thrown gives it
 * {@code internal} and the log the cause. Implementations are thread-safe.
 */
@FunctionalInterface
public interface CommandInterceptor {

  /** Lets every command take effect. It is recognised, and costs nothing. */
  CommandInterceptor NONE = (command, next) -> next.proceed(command);

  /**
   * Decides about a command: returns what {@code next} says of it, or a result of its own.
   *
   * @param next the interceptors after this one, and at their end the command's own effect
   */
  Result intercept(InterceptedCommand command, Next next);

  /** Returns the interceptors as one; the first is asked first. */
  static CommandInterceptor chain(CommandInterceptor... interceptors) {
    List<CommandInterceptor> all = List.of(interceptors);
    return (command, next) -> rest(all, 0, next).proceed(command);
  }

  private static Next rest(List<CommandInterceptor> all, int from, Next last) {
    return from == all.size()
        ? last
        : command -> all.get(from).intercept(command, rest(all, from + 1, last));
  }

  /** What comes after an interceptor. */
  @FunctionalInterface
  interface Next {
    /** Asks for the result of the command, as it is now. */
    Result proceed(InterceptedCommand command);
  }

  /** What becomes of a command. Immutable. */
  sealed interface Result {

    /** The command takes effect as it is now, after the interceptors have returned. */
    static Result effect(InterceptedCommand command) {
      return new Effect(command);
    }

    /**
     * The command has been dealt with, and this object is the answer; {@code re} is put into it
     * when the command has an {@code id}.
     *
     * @throws ChatException {@link ErrorCode#BAD_JSON} when it is not a JSON object
     */
    static Result reply(Json object) {
      if (!object.isObject()) {
        throw new ChatException(ErrorCode.BAD_JSON, "reply: a JSON object expected");
      }
      return new Reply(object);
    }

    /** The command has been dealt with, and there is no answer. */
    static Result silence() {
      return new Reply(null);
    }
  }

  /** See {@link Result#effect}. */
  record Effect(InterceptedCommand command) implements Result {}

  /** See {@link Result#reply} and {@link Result#silence}. */
  record Reply(@Nullable Json object) implements Result {}
}
