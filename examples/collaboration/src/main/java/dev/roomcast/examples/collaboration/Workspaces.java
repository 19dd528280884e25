package dev.roomcast.examples.collaboration;

import dev.roomcast.chat.Authenticator;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.CommandInterceptor;
import dev.roomcast.chat.CommandInterceptor.Result;
import dev.roomcast.chat.ConnectRequest;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.InterceptedCommand;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.User;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What clients of the workspaces may ask for: {@code subscribe} and {@code unsubscribe}, each with
 * a {@code token}, a {@code workspace} and an {@code application}, answered by {@code
 * application_response}. Every command passes {@code authenticate → authorize → handle}.
 *
 * <p>Immutable.
 */
final class Workspaces {

  private static final String CALLER = "caller";

  private final Authenticator tokens;
  private final Map<String, Set<String>> members;

  /**
   * Makes the rules.
   *
   * @param members who may see and change a workspace: its name, and the ids of its users
   */
  Workspaces(Authenticator tokens, Map<String, Set<String>> members) {
    this.tokens = tokens;
    this.members = members;
  }

  /** The middleware of every command. */
  CommandInterceptor chain() {
    return CommandInterceptor.chain(this::authenticate, this::authorize, this::handle);
  }

  private Result authenticate(InterceptedCommand command, CommandInterceptor.Next next) {
    return next.proceed(command.with(CALLER, user(command.string("token"))));
  }

  private Result authorize(InterceptedCommand command, CommandInterceptor.Next next) {
    User caller = (User) command.attribute(CALLER);
    if (!caller.equals(command.user())) {
      throw new ChatException(ErrorCode.FORBIDDEN, "token: not of the user who is connected");
    }
    check(caller, command.string("workspace"));
    return next.proceed(command);
  }

  private Result handle(InterceptedCommand command, CommandInterceptor.Next next) {
    String room = room(command.string("workspace"), command.string("application"));
    return switch (command.type()) {
      case "subscribe" -> answer("subscribed", room, command.join(room));
      case "unsubscribe" -> answer("unsubscribed", room, command.leave(room));
      default ->
          throw new ChatException(
              ErrorCode.UNKNOWN_TYPE, "type: subscribe or unsubscribe expected");
    };
  }

  /** Waits until it is done: interceptors may block, only this client's next command waits. */
  private static Result answer(
      String status, String room, CompletionStage<@Nullable Void> whenDone) {
    whenDone.toCompletableFuture().join();
    return Result.reply(
        Json.of("type", "application_response", "data", Json.of("status", status, "room", room)));
  }

  /** Whose token it is; {@code unauthorized} when it is nobody's. */
  User user(@Nullable String token) {
    return tokens.authenticate(ConnectRequest.of(Map.of(), token, null, "a command"));
  }

  /** Refuses who is no member of the workspace. */
  void check(User user, String workspace) {
    if (!members.getOrDefault(workspace, Set.of()).contains(user.id())) {
      throw new ChatException(ErrorCode.FORBIDDEN, "workspace: you are no member of it");
    }
  }

  /** The room of an application. */
  static String room(String workspace, String application) {
    if (workspace.contains("/") || application.contains("/")) {
      throw new ChatException(ErrorCode.BAD_REQUEST, "workspace, application: no slash expected");
    }
    return workspace + "/" + application;
  }
}
