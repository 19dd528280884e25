package dev.roomcast.chat;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The application's code, called where it may block and where its mistakes harm nobody.
 *
 * <p>Thread-safe.
 */
final class Hooks {

  /** The listener of a node without one; it is recognised, and costs nothing. */
  static final ChatListener NO_LISTENER = new ChatListener() {};

  private final Authenticator authenticator;
  private final Authorizer authorizer;
  private final ChatListener listener;
  private final CommandInterceptor interceptor;
  private final MessageHook messages;
  private final HookTime time;
  private final Measures measures;
  private final Executor executor;
  private final @Nullable ExecutorService own;

  Hooks(
      Authenticator authenticator,
      Authorizer authorizer,
      ChatListener listener,
      CommandInterceptor interceptor,
      MessageHook messages,
      HookTime time,
      Measures measures,
      @Nullable Executor given) {
    this.authenticator = authenticator;
    this.time = time;
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
    Supplier<Credential> verify = () -> AuthenticatorChain.verify(authenticator, request);
    CompletionStage<Credential> verified =
        authenticator instanceof GuestAuthenticator
            ? here(verify) // ours, and does not block: a connection need not change threads for it
            : call("authenticator", verify);
    return verified.whenComplete(
        (credential, failure) -> {
          if (failure != null) {
            measures.unauthenticated(ChatException.of(failure).code());
          }
        });
  }

  /** Whether anybody wants to be told what happens. */
  boolean listens() {
    return listener != NO_LISTENER;
  }

  /** Whether anybody may come in under any name. */
  boolean guests() {
    return AuthenticatorChain.hasGuests(authenticator);
  }

  /** Whether this is one of those who came in under any name. */
  boolean isGuest(User user) {
    return guests() && GuestAuthenticator.isGuest(user);
  }

  /** Whether who asks may read without so much as a name. */
  boolean readsAsGuest(ConnectRequest request) {
    return request.parameter("name") == null
        && guests()
        && (authenticator instanceof GuestAuthenticator || request.bearerToken() == null);
  }

  /** Whether the authenticator can say who exists. */
  boolean knowsUsers() {
    return authenticator instanceof Authenticator.Directory;
  }

  /** Asks the authenticator for a user; null when there is none. */
  CompletionStage<@Nullable User> findUser(String id) {
    return this.<@Nullable User>call(
        "authenticator",
        () -> authenticator instanceof Authenticator.Directory all ? all.find(id) : null);
  }

  /** Whether nobody's code but ours says what becomes of a message: it does not wait. */
  boolean decideAtOnce() {
    return messages == MessageHook.NONE
        && (authorizer == Authorizer.ALLOW_ALL || authorizer instanceof RoomAccess);
  }

  /** What the code of ours says, where that {@link #decideAtOnce}. */
  boolean allowsAtOnce(User user, Authorizer.Action action, String room, RoomManager.Role role) {
    return authorizer == Authorizer.ALLOW_ALL
        || authorizer instanceof RoomAccess access && access.allows(user, action, room, role);
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
    return time.limited(executor, new HookCall<>(hook, () -> measures.timed(hook, code)));
  }

  private CompletionStage<Credential> here(Supplier<Credential> code) {
    try {
      return CompletableFuture.completedFuture(measures.timed("authenticator", code));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Runs a piece of the application's code for which nobody waits, as long as it takes; the stage
   * ends exceptionally when it throws.
   */
  CompletionStage<@Nullable Void> run(String hook, Runnable code) {
    return time.unlimited(
        executor,
        new HookCall<>(
            hook,
            () -> {
              code.run();
              return (@Nullable Void) null;
            }));
  }

  /**
   * Tells the listener after what it was told before; the returned stage ends after that, or when
   * the time is over.
   */
  CompletionStage<@Nullable Void> tell(
      CompletionStage<@Nullable Void> after, Consumer<ChatListener> event) {
    if (!listens()) {
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
