package dev.roomcast.chat;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The application's code, called where it may block and where its mistakes harm nobody.
 *
 * <p>Thread-safe.
 */
final class Hooks {

  private static final Logger log = LoggerFactory.getLogger(Hooks.class);

  /** The listener of a node without one; it is recognised, and costs nothing. */
  static final ChatListener NO_LISTENER = new ChatListener() {};

  private final Authenticator authenticator;
  private final Authorizer authorizer;
  private final ChatListener listener;
  private final CommandInterceptor interceptor;
  private final MessageHook messages;
  private final Measures measures;
  private final Executor executor;
  private final @Nullable ExecutorService own;

  Hooks(
      Authenticator authenticator,
      Authorizer authorizer,
      ChatListener listener,
      CommandInterceptor interceptor,
      MessageHook messages,
      Measures measures,
      @Nullable Executor given) {
    this.authenticator = authenticator;
    this.interceptor = interceptor;
    this.messages = messages;
    this.measures = measures;
    this.authorizer = authorizer;
    this.listener = listener;
    ExecutorService threads = given == null ? HookThreads.create() : null;
    this.own = threads;
    this.executor = threads == null ? Objects.requireNonNull(given) : threads;
  }

  CompletionStage<Credential> authenticate(ConnectRequest request) {
    CompletionStage<Credential> verified =
        call(
            "authenticator",
            () ->
                authenticator instanceof Authenticator.Expiring expiring
                    ? expiring.verify(request)
                    : new Credential(authenticator.authenticate(request), null));
    return verified.whenComplete(
        (credential, failure) -> {
          if (failure != null) {
            measures.unauthenticated(ChatException.of(failure).code());
          }
        });
  }

  /** Whether anybody may come in under any name. */
  boolean guests() {
    return authenticator instanceof GuestAuthenticator;
  }

  /** Whether the authorizer wants to know what a user is in a room. */
  boolean asksForRoles() {
    return authorizer instanceof Authorizer.Informed;
  }

  /** Ends exceptionally with {@code forbidden} when the user may not. */
  CompletionStage<@Nullable Void> authorize(
      User user, Authorizer.Action action, String room, RoomManager.Role role) {
    if (authorizer == Authorizer.ALLOW_ALL) {
      return CompletableFuture.completedFuture(null);
    }
    if (authorizer instanceof RoomAccess access) { // which neither blocks nor throws
      return access.allows(user, action, room, role)
          ? CompletableFuture.completedFuture(null)
          : CompletableFuture.failedFuture(forbidden(room));
    }
    return call(
        "authorizer",
        () -> {
          if (!allows(user, action, room, role)) {
            throw forbidden(room);
          }
          return null;
        });
  }

  private boolean allows(User user, Authorizer.Action action, String room, RoomManager.Role role) {
    return authorizer instanceof Authorizer.Informed informed
        ? informed.allows(user, action, room, role)
        : authorizer.allows(user, action, room);
  }

  static ChatException forbidden(String room) {
    return new ChatException(
        ErrorCode.FORBIDDEN, "room: you may not do this in " + JsonText.quote(room));
  }

  /** Whether an interceptor wants to see commands. */
  boolean intercepts() {
    return interceptor != CommandInterceptor.NONE;
  }

  /** Asks the interceptor what becomes of a command. */
  CompletionStage<CommandInterceptor.Result> intercept(InterceptedCommand command) {
    return call(
        "interceptor", () -> interceptor.intercept(command, CommandInterceptor.Result::effect));
  }

  /** Lets the application change or refuse a message. */
  CompletionStage<Command.Message> beforeLogged(User user, Command.Message message) {
    if (messages == MessageHook.NONE) {
      return CompletableFuture.completedFuture(message);
    }
    return call(
        "message hook",
        () ->
            message.with(
                messages.beforeLogged(
                    user,
                    message.room(),
                    new MessageHook.Content(message.text(), message.data()))));
  }

  /** Lets the application change or refuse the new text of a message. */
  CompletionStage<Command.Edit> beforeLogged(User user, Command.Edit edit) {
    if (messages == MessageHook.NONE) {
      return CompletableFuture.completedFuture(edit);
    }
    MessageHook.Content content = new MessageHook.Content(edit.text(), null);
    return call(
        "message hook",
        () ->
            new Command.Edit(
                edit.id(),
                edit.room(),
                edit.target(),
                messages.beforeLogged(user, edit.room(), content).text()));
  }

  /** What has to be allowed so that somebody may see a room in a list. */
  record Sight(
      RoomManager.RoomInfo info, Authorizer.Action action, String room, RoomManager.Role role) {}

  /** Keeps those rooms of a page that the user may see. */
  CompletionStage<List<RoomManager.RoomInfo>> visible(User user, List<Sight> page) {
    Supplier<List<RoomManager.RoomInfo>> filter =
        () ->
            page.stream()
                .filter(sight -> allows(user, sight.action(), sight.room(), sight.role()))
                .map(Sight::info)
                .toList();
    return authorizer == Authorizer.ALLOW_ALL || authorizer instanceof RoomAccess || page.isEmpty()
        ? CompletableFuture.completedFuture(filter.get())
        : call("authorizer", filter);
  }

  private <T extends @Nullable Object> CompletionStage<T> call(String hook, Supplier<T> code) {
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      executor.execute(
          () -> {
            try {
              result.complete(measures.timed(hook, code));
            } catch (ChatException e) {
              result.completeExceptionally(e);
            } catch (Throwable e) {
              log.error("the {} failed; the client is told \"internal\"", hook, e);
              result.completeExceptionally(
                  new ChatException(ErrorCode.INTERNAL, "internal error", e));
            }
          });
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(
          new ChatException(ErrorCode.UNAVAILABLE, "the server is too busy", e));
    }
    return result;
  }

  /** Runs a piece of the application's code; the stage ends exceptionally when it throws. */
  CompletionStage<@Nullable Void> run(String hook, Runnable code) {
    return call(
        hook,
        () -> {
          code.run();
          return (@Nullable Void) null;
        });
  }

  /** Tells the listener after what it was told before; the returned stage ends after that. */
  CompletionStage<@Nullable Void> tell(
      CompletionStage<@Nullable Void> after, Consumer<ChatListener> event) {
    if (listener == NO_LISTENER) {
      return after;
    }
    return after.thenCompose(
        before ->
            call(
                    "listener",
                    () -> {
                      event.accept(listener);
                      return (@Nullable Void) null;
                    })
                .exceptionally(failure -> null));
  }

  void close() {
    if (own != null) {
      own.shutdown();
    }
  }
}
