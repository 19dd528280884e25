package dev.roomcast.chat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to do to a room or to others in it, with its fields checked.
 *
 * <p>Immutable.
 */
sealed interface RoomAction {

  /** What one has to be allowed for it. */
  Authorizer.Action permission();

  record Create(RoomSettings.Change change) implements RoomAction {
    @Override
    public Authorizer.Action permission() {
      return Authorizer.Action.CREATE;
    }
  }

  record Destroy() implements RoomAction {
    @Override
    public Authorizer.Action permission() {
      return Authorizer.Action.DESTROY;
    }
  }

  record Configure(RoomSettings.Change change) implements RoomAction {
    @Override
    public Authorizer.Action permission() {
      return Authorizer.Action.DESTROY;
    }
  }

  record Appoint(String user, boolean moderator) implements RoomAction {
    @Override
    public Authorizer.Action permission() {
      return Authorizer.Action.DESTROY;
    }
  }

  record Invite(String user) implements RoomAction {
    @Override
    public Authorizer.Action permission() {
      return Authorizer.Action.INVITE;
    }
  }

  record Uninvite(String user) implements RoomAction {
    @Override
    public Authorizer.Action permission() {
      return Authorizer.Action.INVITE;
    }
  }

  record Kick(String user, @Nullable String reason) implements RoomAction {
    @Override
    public Authorizer.Action permission() {
      return Authorizer.Action.MODERATE;
    }
  }

  /** {@code duration} is {@link StateStore#FOREVER} for a sanction without an end. */
  record Impose(
      StateStore.Sanction sanction, String user, Duration duration, @Nullable String reason)
      implements RoomAction {
    @Override
    public Authorizer.Action permission() {
      return Authorizer.Action.MODERATE;
    }
  }

  record Lift(StateStore.Sanction sanction, String user) implements RoomAction {
    @Override
    public Authorizer.Action permission() {
      return Authorizer.Action.MODERATE;
    }
  }
}
