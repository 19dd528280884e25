package dev.roomcast.redis;

import dev.roomcast.chat.Ack;
import dev.roomcast.chat.Draft;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Hands things to the nodes of users on one server: scripts do it. Immutable; thread-safe. */
final class OneTelling implements Telling {

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final Commands commands;
  private final Keys keys;

  OneTelling(Commands commands, Keys keys) {
    this.commands = commands;
    this.keys = keys;
  }

  @Override
  public CompletableFuture<Void> tell(String user, byte[] payload) {
    List<String> sessions = List.of(keys.userSessions(user));
    return commands
        .eval(Script.TELL, sessions, keys.session("?"), keys.inbox("?"), payload)
        .thenAccept(done -> {});
  }

  @Override
  public List<String> keys(String user) {
    return List.of(keys.conversations(user), keys.userSessions(user));
  }

  @Override
  public CompletableFuture<Void> logged(
      String room,
      Map<String, String> users,
      List<Draft> drafts,
      List<@Nullable Ack> acks,
      Duration lasts) {
    return DONE;
  }
}
